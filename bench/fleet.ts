import { hash } from "node:crypto";
import { stringify } from "yaml";
import type { OtlpAttributes } from "../test/support/otlp.ts";
import { createRandom } from "./random.ts";

const NOUNS = [
  ...["edge-gateway", "mobile-gateway", "partner-gateway", "storefront", "search", "basket", "checkout", "order"],
  ...["pricing", "promotion", "catalog", "recommendation", "review", "wishlist", "account", "profile", "session"],
  ...["consent", "address", "payment", "fraud", "refund", "invoice", "tax", "shipping", "tracking", "returns"],
  ...["stock", "warehouse", "supplier", "email", "push", "sms", "template", "media", "audit", "feature", "loyalty"],
  ...["ledger", "currency"],
];
const ENTRIES = 3;
/** Services from here on call nobody but their datastore. */
const FIRST_LEAF = 30;
const TOKENS = 10_000;
const ISSUER = "https://idp.bench.example";
/** After every span of the load, whose clock stands still. */
const EXPIRES_AT_S = 1_900_000_000;

export type Operation =
  | { readonly kind: "http"; readonly method: string; readonly route: string }
  | { readonly kind: "rpc"; readonly service: string; readonly method: string };

export type Call = {
  readonly callee: Service;
  readonly operation: Operation;
  /** The tokens that are presented on this call; empty where none are. */
  readonly tokens: readonly OtlpAttributes[];
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

/** Forty services that call each other; half of the calls carry one of 10,000 tokens. */
export function createFleet(seed: number): Fleet {
  const random = createRandom(seed);
  const services = NOUNS.map((name, index) => createService(name, index, random.hex(4)));
  let calls = 0;
  for (const [index, service] of services.entries()) {
    if (index >= FIRST_LEAF) break;
    const callees = new Set(Array.from({ length: 4 }, () => random.pick(services.slice(index + 1, index + 14))));
    for (const callee of callees) {
      const operation = random.pick(callee.operations);
      service.calls.push({ callee, operation, tokens: calls++ % 2 === 0 ? [] : [ISSUED_LATER] });
    }
  }
  issueTokens(services, seed);
  return { services, entries: services.slice(0, ENTRIES) };
}

const ISSUED_LATER: OtlpAttributes = {};

/** Deals the tokens out over the calls that carry one: a token is presented by one service to one other. */
function issueTokens(services: readonly Service[], seed: number): void {
  const carrying = services.reduce((sum, { calls }) => sum + calls.filter(({ tokens }) => tokens.length > 0).length, 0);
  let rank = 0;
  for (const { calls } of services) {
    for (const [index, call] of calls.entries()) {
      if (call.tokens.length === 0) continue;
      const first = rank++;
      const numbers = Array.from({ length: Math.ceil((TOKENS - first) / carrying) }, (_, n) => first + n * carrying);
      calls[index] = { ...call, tokens: numbers.map((number) => tokenFacts(`${seed}/${number}`, call.callee)) };
    }
  }
}

function tokenFacts(token: string, callee: Service): OtlpAttributes {
  const prefix = "trustdrift.credential.authorization";
  return {
    [`${prefix}.fingerprint`]: `sha256:${hash("sha256", token, "base64url")}`,
    [`${prefix}.token.audiences`]: [audienceOf(callee)],
    [`${prefix}.token.issuer`]: ISSUER,
    [`${prefix}.token.expires_at`]: EXPIRES_AT_S,
  };
}

function createService(name: string, index: number, id: string): Service {
  const plural = `${name}s`;
  const rpcName = `bench.${name.replace("-", "")}.v1.${name[0]?.toUpperCase()}${name.slice(1).replace("-", "")}`;
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
    hasStore: index >= FIRST_LEAF || index % 3 === 2,
    resource: resourceOf(name, id),
  };
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
      service.calls.map(({ callee, operation, tokens }) => [
        callee.name,
        {
          operations: [operationText(operation)],
          ...(tokens.length === 0 ? {} : { token: { mode: "own", audiences: [audienceOf(callee)] } }),
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
