import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import { createJudgeContext, type JudgeContext } from "../../src/judge/judge-context.ts";
import { judgePresentation } from "../../src/judge/judge-presentation.ts";
import { judgeRelay } from "../../src/judge/judge-relay.ts";
import { judgeShape } from "../../src/judge/judge-shape.ts";
import { EMPTY_BASELINE } from "../../src/model/baseline.ts";
import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../../src/model/credential.ts";
import type { Presentation, PresentationPair, Relay } from "../../src/model/facts.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Evidence, GraphNode, Shape } from "../../src/model/graph.ts";
import { OUTSIDE } from "../../src/model/graph.ts";

/** A context over the YAML of one baseline file, without its header. */
export function contextOf(yaml: string): JudgeContext {
  const text = `apiVersion: trustdrift/v1\nkind: Baseline\n${yaml}`;
  const { baseline, problems } = parseBaseline([{ path: "shop.yaml", text }]);
  if (baseline === null) throw new Error(problems.map((problem) => problem.message).join("\n"));
  return createJudgeContext(baseline);
}

export const WITHOUT_BASELINE: JudgeContext = createJudgeContext(EMPTY_BASELINE);

/** The shop that most tests are about. */
export const SHOP: JudgeContext = contextOf(`
internal:
  hosts: ["*.svc.cluster.local", "*.internal"]
  cidrs: ["203.0.113.0/24"]
  probes: ["GET /healthz"]
owners:
  team-checkout: { contact: checkout@shop.example }
  team-pay: { contact: pay@shop.example }
issuers:
  corp: { iss: "https://idp.example/", aliases: ["https://idp.example/v2"] }
  mesh: { iss: "https://sts.example" }
services:
  gateway:
    ingress: [{ from: internet, operations: ["POST /orders"] }]
    calls:
      checkout:
        operations: ["POST /orders"]
        token: { mode: passthrough, reason: "the gateway relays the user's token", audiences: [checkout-api] }
      cart: {}
      inventory: { token: { mode: passthrough, reason: "no exchange yet" } }
  checkout:
    owner: team-checkout
    criticality: high
    aliases: [checkoutservice]
    accepts: [{ issuer: corp, audiences: [checkout-api, "checkout-*"] }]
    calls:
      payments: { token: { mode: exchange, audiences: [payments-api] } }
      cart: {}
      "report-*": { operations: ["GET /reports/{id}"] }
      email: {}
    uses: { orders-db: {} }
  payments:
    owner: team-pay
    criticality: critical
    accepts: [{ issuer: mesh, audiences: [payments-api] }]
    callers: [checkout]
  cart: {}
  inventory:
    accepts: [{ issuer: corp, audiences: [inventory-api] }]
  email:
    accepts: []
datastores:
  orders-db: { service: checkout, system: postgresql, match: { address: "orders-db.*" } }
  cart-cache: { service: cart, system: redis }
  pay-db: { service: payments, system: postgresql, match: { namespace: pay } }
externals:
  stripe: { hosts: ["api.stripe.com", "*.stripe.com"], owner: team-pay }
forbidden:
  - { match: { caller: gateway, callee: payments }, reason: "through checkout only" }
`);

export function service(name: string): GraphNode {
  return { kind: "service", name };
}

export function external(name: string): GraphNode {
  return { kind: "external", name };
}

export function datastore(name: string): GraphNode {
  return { kind: "datastore", name };
}

export const EVIDENCE: Evidence = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  callerSpanId: "b7ad6b7169203331",
  calleeSpanId: "00f067aa0ba902b7",
  atMs: 1_780_000_000_000,
  clientAddress: null,
  fingerprint: null,
  release: null,
};

/** An accepted call without a credential, from checkout to payments unless said otherwise. */
export function shapeOf(fields: Partial<Shape>): Shape {
  return {
    key: "k",
    environment: "prod",
    callerEnvironment: "prod",
    caller: service("checkout"),
    callee: service("payments"),
    type: "direct",
    via: null,
    operation: "POST /charges",
    protocol: "http",
    credential: null,
    credentialSeenBy: null,
    transport: "unknown",
    outcome: "ok",
    isExpired: false,
    isPremature: false,
    isCredentialChanged: false,
    peer: null,
    isInteractive: false,
    origin: "unknown",
    ...fields,
  };
}

/** A shape of a request from outside that names a public address. */
export function fromOutside(fields: Partial<Shape>): Shape {
  return shapeOf({ caller: OUTSIDE, callerEnvironment: null, origin: "public", ...fields });
}

/** A full observation of a JWT access token from the `corp` issuer. */
export function token(fields: Partial<CredentialProfile>): CredentialProfile {
  return {
    ...UNKNOWN_CREDENTIAL,
    scheme: "bearer",
    format: "jwt",
    role: "access_token",
    quality: "full",
    issuer: "https://idp.example",
    audiences: [],
    client: "web",
    ...fields,
  };
}

export function relayOf(fields: Partial<Relay>): Relay {
  return {
    environment: "prod",
    service: "checkout",
    next: service("payments"),
    operation: "POST /charges",
    credential: token({ audiences: null, format: "opaque", role: "unknown" }),
    outcome: "ok",
    count: 1,
    seenMs: 0,
    evidence: EVIDENCE,
    ...fields,
  };
}

/** An accepted presentation; `firstMs` is where it stands in the list that {@link presentationOf} is given. */
export function pair(presenter: string | null, recipient: string, fields: Partial<PresentationPair> = {}) {
  return { presenter, recipient: service(recipient), ...fields };
}

export function presentationOf(
  pairs: readonly (Partial<PresentationPair> & Pick<PresentationPair, "presenter" | "recipient">)[],
  credential: CredentialProfile = token({}),
): Presentation {
  const defaults = {
    environment: "prod",
    isAccepted: true,
    isRefused: false,
    isRelayed: false,
    isAutomated: false,
    count: 1,
  };
  return {
    fingerprint: "h1:1:AAAAAAAAAAAAAAAAAAAAAA",
    credential,
    expiresAtS: null,
    seenMs: 0,
    pairs: pairs.map((fields, index) => ({
      ...defaults,
      firstMs: index,
      presenterRuntime: null,
      evidence: { ...EVIDENCE, atMs: index },
      ...fields,
    })),
  };
}

/** The findings on a shape; the client address, where it matters, is 8.8.8.8. */
export function judge(shape: Shape, context: JudgeContext = SHOP): readonly Finding[] {
  return judgeShape(shape, { ...EVIDENCE, clientAddress: "8.8.8.8" }, context);
}

/** Each finding as `rule severity`, with its verdict where it is no violation. */
export function told(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ rule, severity, verdict }) =>
    [rule, severity, ...(verdict === "violation" ? [] : [verdict])].join(" "),
  );
}

export function toldOfShape(fields: Partial<Shape>, context: JudgeContext = SHOP): readonly string[] {
  return told(judge(shapeOf(fields), context));
}

export function toldOfRelay(fields: Partial<Relay>, context: JudgeContext = SHOP): readonly string[] {
  return told(judgeRelay(relayOf(fields), context));
}

export function toldOfPresentation(presentation: Presentation, context: JudgeContext = SHOP): readonly string[] {
  return told(judgePresentation(presentation, context).map(({ finding }) => finding));
}
