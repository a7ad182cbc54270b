import type { Attributes } from "@opentelemetry/api";
import { createDescriber, type Describe, readHeaders } from "./describe-request.ts";
import { type HttpHooks, httpHooks } from "./http-hooks.ts";
import { patchGrpc } from "./patch-grpc.ts";
import { type UndiciHooks, undiciHooks } from "./undici-hooks.ts";

/** What may be told beyond the default. */
export type CredentialFactsOptions = {
  /**
   * The line of the collector's `fingerprint.key`. With it, keys and passwords can be told apart too, and every
   * fingerprint is keyed before it leaves. Whoever has the key can check a guess at a secret, so it is one itself.
   */
  readonly fingerprintKey?: string;
  /** Names of the cookies that hold a session. Nothing is told of other cookies. */
  readonly sessionCookies?: readonly string[];
};

/** Hooks for those who configure instrumentations one by one; gRPC's takes none, see {@link withCredentialFacts}. */
export type CredentialHooks = { readonly http: HttpHooks; readonly undici: UndiciHooks };

/** What all of OpenTelemetry's instrumentations have in common. */
type Named = { readonly instrumentationName: string };

type Configurable<Hooks> = { readonly getConfig: () => Partial<Hooks>; readonly setConfig: (config: object) => void };

/**
 * The given instrumentations in one list, whose spans will tell facts about the credentials of every request: those of
 * `node:http`, `undici` (`fetch`) and `@grpc/grpc-js`, in both directions. Hooks that they have already still run.
 * To be called before the SDK starts. Throws where `fingerprintKey` is no key; nothing else ever throws.
 */
export function withCredentialFacts<One extends Named>(
  instrumentations: readonly (One | readonly One[])[],
  options: CredentialFactsOptions = {},
): One[] {
  const describe = createDescriber(options);
  const all = instrumentations.flat() as One[];
  for (const one of all) equip(one, describe);
  return all;
}

/** Hooks for `new HttpInstrumentation(hooks.http)` and `new UndiciInstrumentation(hooks.undici)`. */
export function credentialHooks(options: CredentialFactsOptions = {}): CredentialHooks {
  const describe = createDescriber(options);
  return { http: httpHooks(describe, {}), undici: undiciHooks(describe, {}) };
}

/**
 * The attributes for a request of another kind, say a message, from its headers by name, whatever their case.
 * Set them on the span of the sender and on that of the receiver.
 */
export function credentialAttributes(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  options: CredentialFactsOptions = {},
): Attributes {
  return createDescriber(options)({ header: readHeaders(headers), path: "" });
}

function equip(one: Named, describe: Describe): void {
  const { instrumentationName: name } = one;
  if (name === "@opentelemetry/instrumentation-http") addHooks<HttpHooks>(one, (before) => httpHooks(describe, before));
  if (name === "@opentelemetry/instrumentation-undici")
    addHooks<UndiciHooks>(one, (before) => undiciHooks(describe, before));
  if (name === "@opentelemetry/instrumentation-grpc") patchGrpc(one, describe);
}

function addHooks<Hooks>(one: Named, hooksAfter: (before: Partial<Hooks>) => Hooks): void {
  const { getConfig, setConfig } = one as Named & Configurable<Hooks>;
  const before = getConfig.call(one);
  setConfig.call(one, { ...before, ...hooksAfter(before) });
}
