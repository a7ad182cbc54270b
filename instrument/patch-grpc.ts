import { diag, SpanKind, trace } from "@opentelemetry/api";
import { callSafely } from "./call-safely.ts";
import { type Describe, listOf, type RequestFacts } from "./describe-request.ts";
import { rawPeerAttributes } from "./peer-attributes.ts";

type AnyFunction = (...args: never[]) => unknown;
type Tell = (args: readonly unknown[]) => void;
type ClientClass = AnyFunction & {
  readonly prototype: object;
  readonly service?: { readonly [method: string]: { readonly originalName?: string } };
};

/** What is read of `@grpc/grpc-js`. */
type Grpc = { readonly Server: { readonly prototype: object }; readonly Client: { readonly prototype: object } };

type Definition = { readonly name: string; patch?: ((exports: Grpc, version?: string) => unknown) | undefined };
type Metadata = { readonly get: (name: string) => readonly unknown[]; readonly getMap: () => object };
type ServerCall = {
  readonly metadata: Metadata;
  readonly getAuthContext?: () => { readonly sslPeerCertificate?: { readonly raw?: Uint8Array } };
};
/** The half of the SDK's span by which one knows whose it is. */
type KnownSpan = {
  readonly kind?: SpanKind;
  readonly instrumentationScope?: { readonly name: string };
  readonly instrumentationLibrary?: { readonly name: string };
};

const NAME = "@opentelemetry/instrumentation-grpc";
const REQUESTS = ["makeUnaryRequest", "makeClientStreamRequest", "makeServerStreamRequest", "makeBidiStreamRequest"];
const MAKERS = ["makeClientConstructor", "makeGenericClientConstructor", "loadPackageDefinition"];
const patched = new WeakSet<object>();

/**
 * Lets the gRPC instrumentation's spans tell. It has no hook, so the library is wrapped just before the instrumentation
 * wraps it itself: what runs inside then finds the call's span as the active one, in both directions.
 * What call credentials add (`credentials.createFromMetadataGenerator`) comes later still: only the server sees that.
 */
export function patchGrpc(instrumentation: object, describe: Describe): void {
  // A private field, because `getModuleDefinitions` makes new ones that nobody uses. It has been there for years.
  const { _modules: definitions = [] } = instrumentation as { readonly _modules?: readonly Definition[] };
  const definition = definitions.find(({ name }) => name === "@grpc/grpc-js");
  if (definition?.patch === undefined) {
    diag.warn("trustdrift: this version of instrumentation-grpc is not known; gRPC spans will not tell of credentials");
    return;
  }
  const patch = definition.patch;
  definition.patch = (grpc, version) => {
    callSafely(() => patchLibrary(grpc, describe));
    return patch.call(definition, grpc, version);
  };
}

function patchLibrary(grpc: Grpc, describe: Describe): void {
  const tell = (args: readonly unknown[]) => tellSent(args, describe);
  for (const name of MAKERS) replace(grpc, name, (make) => thenLook(make, (made) => wrapMade(made, tell)));
  // Once: to `require` and `import` the library looks like two, but its classes are the same.
  if (patched.has(grpc.Client.prototype)) return;
  patched.add(grpc.Client.prototype);
  for (const name of REQUESTS) replace(grpc.Client.prototype, name, (request) => before(request, tell));
  replace(grpc.Server.prototype, "register", (register) => tellingHandlers(register, describe));
}

/** `register(name, handler, serialize, deserialize, type)` */
function tellingHandlers(register: AnyFunction, describe: Describe): AnyFunction {
  return function (this: unknown, name: never, handler: AnyFunction, ...rest: never[]) {
    const telling = before(handler, (args) => tellReceived(args, describe));
    return register.call(this, name, telling as never, ...rest);
  };
}

/** Generated clients keep functions of their own, which no patch of `Client` reaches: one class, or a tree of them. */
function wrapMade(made: unknown, tell: Tell): void {
  if (typeof made === "function") {
    wrapClient(made as ClientClass, tell);
    return;
  }
  for (const member of Object.values(made as object)) {
    const isMessage = typeof member === "object" && member !== null && "format" in member;
    if (typeof member === "function" || (typeof member === "object" && !isMessage)) wrapMade(member, tell);
  }
}

function wrapClient({ prototype, service = {} }: ClientClass, tell: Tell): void {
  for (const [name, { originalName }] of Object.entries(service)) {
    const names = new Set([name, originalName ?? name]);
    // The instrumentation reads the method's path and types from properties of the function.
    for (const each of names) replace(prototype, each, (method) => Object.assign(before(method, tell), method));
  }
}

/** The library's exports are getters, so they are defined anew. */
function replace(target: object, name: string, by: (original: AnyFunction) => AnyFunction): void {
  const original = (target as { readonly [name: string]: unknown })[name];
  if (typeof original !== "function") return;
  const value = by(original as AnyFunction);
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}

function thenLook(make: AnyFunction, look: (made: unknown) => void): AnyFunction {
  return function (this: unknown, ...args: never[]) {
    const made = make.apply(this, args);
    callSafely(() => look(made));
    return made;
  };
}

/** The same function, which tells of its arguments first. */
function before(original: AnyFunction, tell: Tell): AnyFunction {
  return function (this: unknown, ...args: never[]) {
    callSafely(() => tell(args));
    return original.apply(this, args);
  };
}

/** Not that there is none: call credentials may still add one. */
function tellSent(args: readonly unknown[], describe: Describe): void {
  const span = activeSpan(SpanKind.CLIENT);
  const metadata = args.find(isMetadata);
  if (span === undefined || metadata === undefined) return;
  for (const [name, value] of Object.entries(describe(requestOf(metadata)))) {
    if (value !== false && value !== undefined) span.setAttribute(name, value);
  }
}

function tellReceived([call]: readonly unknown[], describe: Describe): void {
  const span = activeSpan(SpanKind.SERVER);
  if (span === undefined) return;
  const { metadata, getAuthContext } = call as ServerCall;
  span.setAttributes(describe(requestOf(metadata)));
  const raw = getAuthContext?.call(call).sslPeerCertificate?.raw;
  if (raw !== undefined) span.setAttributes(rawPeerAttributes(raw));
}

/** The instrumentation's own span of that kind; undefined for another's, as where it was told to ignore the method. */
function activeSpan(kind: SpanKind) {
  const span = trace.getActiveSpan();
  const known = span as KnownSpan | undefined;
  const scope = known?.instrumentationScope ?? known?.instrumentationLibrary;
  return known?.kind === kind && scope?.name === NAME ? span : undefined;
}

function requestOf(metadata: Metadata): RequestFacts {
  return { header: (name) => listOf(metadata.get(name)), path: "" };
}

function isMetadata(value: unknown): value is Metadata {
  return typeof value === "object" && value !== null && "getMap" in value && "get" in value;
}
