import { stringify } from "yaml";
import type { OtlpAttributes } from "../test/support/otlp.ts";
import { createRandom, type Random } from "./random.ts";
import { ISSUER, type Presented, showNewToken, showToken, type TokenKind } from "./tokens.ts";

const NOUNS = [
  ...["edge-gateway", "mobile-gateway", "partner-gateway", "storefront", "search", "basket", "checkout", "order"],
  ...["pricing", "promotion", "catalog", "recommendation", "review", "wishlist", "account", "profile", "session"],
  ...["consent", "address", "payment", "fraud", "refund", "invoice", "tax", "shipping", "tracking", "returns"],
  ...["stock", "warehouse", "supplier", "email", "push", "sms", "template", "media", "audit", "feature", "loyalty"],
  ...["ledger", "currency"],
];
const ENTRIES = 3;
/** In a larger fleet the internet enters at every so many services, so that traffic reaches all of them. */
const SERVICES_AN_ENTRY = 13;
/** The last quarter of the services call nobody but their datastore. */
const CALLING_SHARE = 0.75;
/** A service calls some of those that come next, twice as many as it calls and at least these. */
const CALLEES_TO_CHOOSE_FROM_MIN = 13;
const TOKENS = 10_000;

export type Operation =
  | { readonly kind: "http"; readonly method: string; readonly route: string }
  | { readonly kind: "rpc"; readonly service: string; readonly method: string };

export type Call = {
  readonly callee: Service;
  readonly operation: Operation;
  /** The attributes that show the token of one such call; null where none is presented. */
  readonly present: ((random: Random) => OtlpAttributes) | null;
};

export type Service = {
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly calls: Call[];
  readonly hasStore: boolean;
  readonly resource: OtlpAttributes;
};

/** The services, callers before their callees; the first few are entered from the internet. */
export type Fleet = { readonly services: readonly Service[]; readonly entries: readonly Service[] };

/** How large a fleet is, and how it shows its tokens. */
export type FleetPlan = {
  readonly seed: number;
  readonly services: number;
  readonly callsAService: number;
  readonly tokens: TokenKind;
};

export const FLEET_DEFAULTS: Omit<FleetPlan, "seed"> = { services: NOUNS.length, callsAService: 4, tokens: "told" };

/** Services that call each other; half of the calls carry one of 10,000 tokens. */
export function createFleet(plan: FleetPlan): Fleet {
  const random = createRandom(plan.seed);
  const firstLeaf = Math.floor(plan.services * CALLING_SHARE);
  const services = Array.from({ length: plan.services }, (_, index) => createService(index, firstLeaf, random.hex(4)));
  const calls = services.slice(0, firstLeaf).flatMap((caller, index) =>
    drawCallees(services, index, { random, count: plan.callsAService }).map((callee) => {
      const call: Call = { callee, operation: random.pick(callee.operations), present: null };
      return { caller, call };
    }),
  );
  const carrying = Math.floor(calls.length / 2);
  for (const [index, { caller, call }] of calls.entries()) {
    const present = index % 2 === 0 ? null : presenter(plan, call, { first: (index - 1) / 2, step: carrying });
    caller.calls.push({ ...call, present });
  }
  const entries = services.filter((_, index) => index < ENTRIES || (index < firstLeaf && isFurtherEntry(index)));
  return { services, entries };
}

function isFurtherEntry(index: number): boolean {
  return index >= NOUNS.length && index % SERVICES_AN_ENTRY === 0;
}

type Draw = { readonly random: Random; readonly count: number };

function drawCallees(services: readonly Service[], index: number, { random, count }: Draw): readonly Service[] {
  const choice = services.slice(index + 1, index + 1 + Math.max(CALLEES_TO_CHOOSE_FROM_MIN, 2 * count));
  return [...new Set(Array.from({ length: count }, () => random.pick(choice)))];
}

type Deal = { readonly first: number; readonly step: number };

/** Deals the tokens out over the calls that carry one: a token is presented by one service to one other. */
function presenter({ seed, tokens }: FleetPlan, { callee, operation }: Call, { first, step }: Deal): Call["present"] {
  const headerAttribute = `${operation.kind === "rpc" ? "rpc.request.metadata" : "http.request.header"}.authorization`;
  const presented: Presented = { audience: audienceOf(callee), headerAttribute };
  if (tokens === "new") return (random) => showNewToken(random, presented);
  const count = Math.max(1, Math.ceil((TOKENS - first) / step));
  const shown = Array.from({ length: count }, (_, n) => showToken(tokens, `${seed}/${first + n * step}`, presented));
  return (random) => random.pick(shown);
}

function createService(index: number, firstLeaf: number, id: string): Service {
  const name = nameService(index);
  const plural = `${name}s`;
  const rpcName = `bench.${name.replaceAll("-", "")}.v1.${name[0]?.toUpperCase()}${name.slice(1).replaceAll("-", "")}`;
  const operations: readonly Operation[] =
    index % 4 === 3
      ? ["Get", "List", "Update"].map((method) => ({ kind: "rpc", service: rpcName, method }))
      : [
          { kind: "http", method: "GET", route: `/v1/${plural}/{id}` },
          { kind: "http", method: "POST", route: `/v1/${plural}` },
          { kind: "http", method: "GET", route: `/v1/${plural}/{id}/history` },
        ];
  return {
    name,
    operations,
    calls: [],
    hasStore: index >= firstLeaf || index % 3 === 2,
    resource: resourceOf(name, id),
  };
}

function nameService(index: number): string {
  const round = Math.floor(index / NOUNS.length);
  return `${NOUNS[index % NOUNS.length]}${round === 0 ? "" : `-${round}`}`;
}

function resourceOf(name: string, id: string): OtlpAttributes {
  return {
    "service.name": name,
    "service.version": "4.11.2",
    "service.instance.id": `${id}-9f0c-4be1-8a77-2f1d6a0b3c55`,
    "deployment.environment.name": "production",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": "java",
    "telemetry.sdk.version": "1.56.0",
    "k8s.namespace.name": "bench",
    "k8s.deployment.name": name,
    "k8s.pod.name": `${name}-6d4cf56db6-${id.slice(0, 5)}`,
    "host.name": `${name}-6d4cf56db6-${id.slice(0, 5)}`,
    "process.pid": 1,
  };
}

/** What the owners of the fleet declared: all that it does, so that no hop of it is a finding. */
export function declareFleet({ services, entries }: Fleet): string {
  return stringify({
    apiVersion: "trustdrift/v1",
    kind: "Baseline",
    metadata: { name: "bench" },
    issuers: { idp: { iss: ISSUER } },
    services: Object.fromEntries(services.map((service) => [service.name, declare(service, entries)])),
    datastores: Object.fromEntries(
      services.filter(({ hasStore }) => hasStore).map(({ name }) => [`${name}-db`, declareStore(name)]),
    ),
    internal: { probes: ["GET /healthz"] },
  });
}

function declare(service: Service, entries: readonly Service[]): Record<string, unknown> {
  const operations = service.operations.map(operationText);
  return {
    accepts: [{ issuer: "idp", audiences: [audienceOf(service)] }],
    calls: Object.fromEntries(
      service.calls.map(({ callee, operation, present }) => [
        callee.name,
        {
          operations: [operationText(operation)],
          ...(present === null ? {} : { token: { mode: "own", audiences: [audienceOf(callee)] } }),
        },
      ]),
    ),
    ...(service.hasStore ? { uses: { [`${service.name}-db`]: { access: ["read", "write"] } } } : {}),
    ...(entries.includes(service) ? { ingress: [{ from: "internet", operations }] } : {}),
  };
}

function declareStore(service: string): Record<string, unknown> {
  return { service, system: "postgresql", match: { address: storeHost(service) } };
}

function operationText(operation: Operation): string {
  if (operation.kind === "http") return `${operation.method} ${operation.route}`;
  return `rpc:${operation.service}/${operation.method}`;
}

function audienceOf({ name }: Service): string {
  return `https://${name}.bench.example`;
}

/** Where a service's datastore answers. */
export function storeHost(service: string): string {
  return `${service}-db.bench.internal`;
}
