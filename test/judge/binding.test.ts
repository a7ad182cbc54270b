import { expect, test } from "vitest";
import { createJudgeContext } from "../../src/judge/judge-context.ts";
import { judgeShape } from "../../src/judge/judge-shape.ts";
import { createLearned } from "../../src/judge/learned.ts";
import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../../src/model/credential.ts";
import { OUTSIDE, type Shape } from "../../src/model/graph.ts";
import { contextOf, EVIDENCE, external, judge, service, shapeOf, token, told } from "./support.ts";

const CORP = "https://idp.example";
const { baseline } = contextOf(`
settings: { meshTls: ["meshed-*"] }
internal: { probes: ["GET /up"] }
issuers: { corp: { iss: "${CORP}", algorithms: [RS256] } }
identities:
  agent: { spiffe: "spiffe://td/ns/kube-system/sa/agent", usedBy: [web, orders] }
services:
  web:
    identity: { spiffe: ["spiffe://td/ns/web/sa/web"] }
    calls:
      orders: { token: { mode: own } }
      stock: {}
      locked: { mtls: required }
      partner: { mtls: required }
      plain: {}
      meshed-b: {}
  admin: { calls: { orders: {} } }
  linked: { identity: { kubernetes: ["shop/linked"] }, calls: { orders: {} } }
  meshed-a: { calls: { meshed-b: {}, meshed-c: { mtls: required }, orders: {} } }
  meshed-b: {}
  meshed-c: {}
  orders:
    accepts: [{ issuer: corp, audiences: [orders] }]
    public: ["GET /prices"]
  locked: {}
  stock: { accepts: [{ issuer: corp, audiences: [stock] }] }
  plain: {}
  idp: { traits: [control-plane] }
  edge: { traits: [gateway], identity: { spiffe: ["spiffe://td/ns/edge/sa/edge"] } }
  front: { traits: [proxy], calls: { orders: {} } }
externals: { partner: { hosts: ["api.partner.example"] } }
`);

const PROOF: CredentialProfile = {
  ...UNKNOWN_CREDENTIAL,
  slot: "proof",
  role: "proof",
  format: "jwt",
  quality: "full",
};
const WEB = { id: "spiffe://td/ns/web/sa/web", source: "forwarded", isVerified: false } as const;

function call(fields: Partial<Shape> = {}): Shape {
  return shapeOf({ caller: service("web"), callee: service("orders"), operation: "POST /orders", ...fields });
}

function withToken(credential: Partial<CredentialProfile>, fields: Partial<Shape> = {}): Shape {
  const shown = token({ issuer: CORP, audiences: ["orders"], ...credential });
  return call({ credential: shown, credentialSeenBy: "callee", ...fields });
}

/** What is found on a shape where other traffic has shown this before. */
function toldAfter(shape: Shape, ...before: readonly Shape[]): readonly string[] {
  const learned = createLearned();
  for (const each of before) learned.visibility.learn({ shape: each });
  return told(judgeShape(shape, EVIDENCE, createJudgeContext(baseline, learned)));
}

test("a bound token that came as a bearer token is critical, whoever shows proofs", () => {
  const bound = { confirmation: "jkt", possession: "missing" } as const;
  expect(toldAfter(withToken(bound))).toEqual(["sender-constraint-downgrade critical"]);
  expect(toldAfter(withToken(bound, { outcome: "refused" }))).toEqual(["sender-constraint-downgrade info"]);
  expect(toldAfter(withToken(bound, { outcome: "error" }))).toEqual(["sender-constraint-downgrade medium suspicious"]);
  expect(toldAfter(withToken({ ...bound, possession: "shown", companions: [PROOF] }))).toEqual([
    "sender-constraint-downgrade medium suspicious",
  ]);
  expect(toldAfter(withToken(bound, { operation: "GET /prices" }))).toEqual([]);
});

test("a missing proof counts only where proofs are seen", () => {
  const bound = { confirmation: "jkt", scheme: "dpop", possession: "missing" } as const;
  const shown = withToken({ ...bound, possession: "shown", companions: [PROOF] });
  expect(toldAfter(shown)).toEqual([]);
  expect(toldAfter(withToken(bound))).toEqual(["sender-constraint-downgrade critical insufficient-evidence"]);
  expect(toldAfter(withToken(bound), shown)).toEqual(["sender-constraint-downgrade critical"]);
  expect(toldAfter(withToken(bound, { credentialSeenBy: "caller" }), shown)).toEqual([
    "sender-constraint-downgrade critical insufficient-evidence",
  ]);
  expect(toldAfter(withToken({ ...bound, possession: "mismatched" }))).toEqual([
    "sender-constraint-downgrade critical",
  ]);
});

test("a WIMSE identity token needs its proof, and belongs in its own header", () => {
  const wit = { slot: "workload_identity", role: "workload_identity", type: "wit+jwt", confirmation: "jwk" } as const;
  const shown = withToken({ ...wit, possession: "shown", companions: [PROOF] });
  expect(toldAfter(shown)).toEqual([]);
  expect(toldAfter(withToken({ ...wit, possession: "missing" }), shown)).toEqual([
    "sender-constraint-downgrade critical",
  ]);
  expect(toldAfter(withToken({ ...wit, slot: "authorization", possession: "shown" }))).toEqual([
    "token-type-confusion high",
  ]);
});

test("a missing certificate counts only where certificates are seen, and a forwarded one is one", () => {
  const bound = { confirmation: "x5t#S256", possession: "missing" } as const;
  const seen = call({ peer: WEB });
  expect(toldAfter(withToken(bound))).toEqual(["sender-constraint-downgrade critical insufficient-evidence"]);
  expect(toldAfter(withToken(bound), call({ transport: "tls" }))).toEqual([
    "sender-constraint-downgrade critical insufficient-evidence",
  ]);
  expect(toldAfter(withToken(bound), seen)).toEqual(["sender-constraint-downgrade critical"]);
  expect(toldAfter(withToken(bound, { peer: WEB }), seen)).toEqual([]);
});

test("a token bound to another certificate, accepted", () => {
  const bound = { confirmation: "x5t#S256", possession: "mismatched" } as const;
  expect(toldAfter(withToken(bound, { peer: WEB }))).toEqual(["certificate-binding-mismatch critical"]);
  expect(toldAfter(withToken(bound, { outcome: "unknown" }))).toEqual([
    "certificate-binding-mismatch medium suspicious",
  ]);
  expect(toldAfter(withToken(bound, { outcome: "refused" }))).toEqual([]);
});

test("a required certificate is missing where the callee shows those that come", () => {
  const locked = call({ callee: service("locked") });
  const missing = ["mtls-required-missing high"];
  expect(toldAfter(locked)).toEqual(["mtls-required-missing high insufficient-evidence"]);
  expect(toldAfter(locked, { ...locked, transport: "tls" })).toEqual([
    "mtls-required-missing high insufficient-evidence",
  ]);
  expect(toldAfter(locked, { ...locked, peer: WEB })).toEqual(missing);
  expect(toldAfter({ ...locked, transport: "plaintext" }, { ...locked, transport: "tls" })).toEqual(missing);
  expect(toldAfter({ ...locked, peer: WEB }, { ...locked, peer: WEB })).toEqual([]);
  expect(toldAfter({ ...locked, operation: "GET /up" }, { ...locked, peer: WEB })).toEqual([]);
  expect(toldAfter({ ...locked, type: "logical" }, { ...locked, peer: WEB })).toEqual([]);
  const meshed = call({ caller: service("meshed-a"), callee: service("meshed-c"), transport: "plaintext" });
  expect(toldAfter(meshed, { ...meshed, transport: "tls" })).toEqual([
    "mtls-required-missing high insufficient-evidence",
  ]);
  const partner = call({ callee: external("api.partner.example") });
  expect(toldAfter({ ...partner, transport: "plaintext" })).toEqual(missing);
  expect(toldAfter({ ...partner, transport: "tls" })).toEqual([]);
});

test("whoever the certificate names is who called", () => {
  const as = (caller: string, id: string, fields: Partial<Shape> = {}) =>
    toldAfter(
      call({ caller: service(caller), peer: { ...WEB, id }, credential: TOKEN, credentialSeenBy: "callee", ...fields }),
    );
  const mismatch = ["mtls-identity-mismatch critical"];
  expect(as("web", WEB.id)).toEqual([]);
  expect(as("web", "spiffe://td/ns/admin/sa/root")).toEqual(mismatch);
  expect(as("web", "spiffe://td/ns/admin/sa/root", { outcome: "refused" })).toEqual(["mtls-identity-mismatch high"]);
  expect(as("admin", WEB.id)).toEqual(mismatch);
  expect(as("admin", "spiffe://td/ns/admin/sa/root")).toEqual([]);
  expect(as("web", "spiffe://td/ns/edge/sa/edge")).toEqual([]);
  expect(as("web", "spiffe://td/ns/kube-system/sa/agent")).toEqual([]);
  expect(as("web", "web.shop.example")).toEqual([]);
  expect(as("linked", "linked.shop.serviceaccount.identity.linkerd.cluster.local")).toEqual([]);
  expect(as("linked", "other.shop.serviceaccount.identity.linkerd.cluster.local")).toEqual(mismatch);
  expect(as("linked", "spiffe://td/ns/shop/sa/linked")).toEqual([]);
  expect(as("web", "spiffe://td/ns/admin/sa/root", { type: "logical" })).toEqual([]);
});

const TOKEN = token({ issuer: CORP, audiences: ["orders"] });

test("the keys of a wrong certificate are whose it is and who showed it", () => {
  const shape = call({ caller: service("admin"), peer: WEB, credential: TOKEN, credentialSeenBy: "callee" });
  const [finding] = judge(shape, createJudgeContext(baseline));
  expect(finding).toMatchObject({ keyFields: [WEB.id, "admin"], about: { identity: WEB.id } });
});

test("a bearer token in the clear is posture, but where just one side has a sidecar", () => {
  const clear = (caller: string, callee: string, credential: Partial<CredentialProfile> = {}) =>
    toldAfter(withToken(credential, { caller: service(caller), callee: service(callee), transport: "plaintext" }));
  expect(clear("web", "plain")).toEqual(["plaintext-bearer high insufficient-evidence"]);
  expect(clear("web", "meshed-b")).toEqual(["plaintext-bearer high"]);
  expect(clear("meshed-a", "meshed-b")).toEqual([]);
  expect(clear("web", "plain", { format: "signature" })).toEqual([]);
  expect(clear("web", "plain", { confirmation: "jkt", scheme: "dpop", possession: "shown" })).toEqual([]);
  expect(clear("web", "plain", { quality: "absent" })).toEqual([]);
  expect(toldAfter(withToken({}, { callee: service("plain"), transport: "tls" }))).toEqual([]);
  expect(toldAfter(withToken({}, { callee: external("127.0.0.1:80"), transport: "plaintext" }))).toEqual([]);
});

test("a credential in the URL, and the milder kinds of it", () => {
  const inUrl = (carrier: string | null, fields: Partial<CredentialProfile> = {}) =>
    toldAfter(
      withToken({ companions: [{ ...UNKNOWN_CREDENTIAL, slot: "query", quality: "placeholder", carrier, ...fields }] }),
    );
  expect(inUrl("access_token")).toEqual(["credential-in-url high"]);
  expect(inUrl("sig")).toEqual(["credential-in-url medium"]);
  expect(inUrl("x-amz-signature")).toEqual(["credential-in-url medium"]);
  expect(inUrl("code")).toEqual(["credential-in-url low"]);
  expect(inUrl(null)).toEqual(["credential-in-url high"]);
  expect(inUrl("access_token", { quality: "absent" })).toEqual([]);
});

test("a call without a credential, where one is required and would have been seen", () => {
  const shows = withToken({});
  const found = ["unauthenticated-call-accepted high"];
  const absent = token({ quality: "absent", format: "unknown" });
  expect(toldAfter(call())).toEqual([]);
  expect(toldAfter(call(), shows)).toEqual(found);
  expect(toldAfter(call({ credential: absent, credentialSeenBy: "callee" }))).toEqual(found);
  expect(toldAfter(call({ credential: absent, credentialSeenBy: "caller" }))).toEqual([]);
  expect(toldAfter(call({ caller: OUTSIDE }), shows)).toEqual(found);
  expect(toldAfter(call({ outcome: "unknown" }), shows)).toEqual([]);
  expect(toldAfter(call({ peer: WEB }), shows)).not.toContain(found[0]);
  expect(toldAfter(call({ callee: service("plain") }), shows)).toEqual([]);
  expect(toldAfter(call({ type: "logical" }), shows)).toEqual([]);
  for (const operation of ["GET /up", "OPTIONS /orders", "GET /prices", "GET /.well-known/jwks.json"]) {
    expect(toldAfter(call({ operation }), shows)).toEqual([]);
  }
});

test("of a declared call that nothing is said of, only the callee says that no credential came", () => {
  const silent = call({ callee: service("stock") });
  const absent = token({ quality: "absent", format: "unknown" });
  expect(toldAfter(silent, withToken({ audiences: ["stock"] }, { callee: service("stock") }))).toEqual([]);
  expect(toldAfter({ ...silent, credential: absent, credentialSeenBy: "callee" })).toEqual([
    "unauthenticated-call-accepted high",
  ]);
});

test("a certificate alone is no token, where the callee would have shown one", () => {
  expect(toldAfter(call({ peer: WEB }))).toEqual([]);
  expect(toldAfter(call({ peer: WEB }), withToken({}))).toEqual(["credential-missing medium"]);
});

test("what a proxy checked and took off, the service behind it need not show", () => {
  expect(toldAfter(call({ caller: service("front") }), withToken({}))).toEqual([]);
});

test("a call whose caller's span is lost is called unauthenticated only where the callee says so", () => {
  const lost = call({ type: "unattributed", caller: OUTSIDE });
  const absent = token({ quality: "absent", format: "unknown" });
  expect(toldAfter(lost, withToken({}))).toEqual(["unattributed-call medium"]);
  expect(toldAfter({ ...lost, credential: absent, credentialSeenBy: "callee" })).toEqual([
    "unattributed-call medium",
    "unauthenticated-call-accepted high",
  ]);
});

test("a signature that proves less than the issuer's", () => {
  const signed = (algorithm: string, fields: Partial<Shape> = {}, issuer = CORP) =>
    toldAfter(withToken({ algorithm, issuer }, fields)).filter((text) => text.startsWith("weak"));
  expect(signed("RS256")).toEqual([]);
  expect(signed("none")).toEqual(["weak-token-algorithm critical"]);
  expect(signed("nOnE")).toEqual(["weak-token-algorithm critical"]);
  expect(signed("HS256")).toEqual(["weak-token-algorithm high"]);
  expect(signed("ES256")).toEqual(["weak-token-algorithm medium"]);
  expect(signed("HS256", {}, "https://else.example")).toEqual([]);
  expect(signed("RS1", {}, "https://else.example")).toEqual(["weak-token-algorithm medium"]);
  expect(signed("none", { outcome: "error" })).toEqual(["weak-token-algorithm medium suspicious"]);
  expect(signed("none", { outcome: "refused" })).toEqual([]);
});

test("a token where tokens of another kind belong", () => {
  const confused = (credential: Partial<CredentialProfile>, fields: Partial<Shape> = {}) =>
    toldAfter(withToken(credential, fields)).filter((text) => text.startsWith("token-type"));
  for (const role of ["id_token", "refresh_token", "transaction", "client_assertion", "proof"] as const) {
    expect(confused({ role })).toEqual(["token-type-confusion high"]);
    expect(confused({ role }, { callee: service("idp") })).toEqual([]);
  }
  expect(confused({ type: "logout+jwt", role: "unknown" })).toEqual(["token-type-confusion high"]);
  expect(confused({ role: "id_token" }, { outcome: "refused" })).toEqual(["token-type-confusion medium"]);
  expect(confused({ role: "id_token" }, { outcome: "error" })).toEqual(["token-type-confusion medium suspicious"]);
  expect(confused({ role: "id_token", slot: "iap_assertion" })).toEqual([]);
  expect(confused({ role: "workload_identity", type: "jwt" })).toEqual([]);
  expect(confused({ slot: "txn_token", type: "at+jwt" })).toEqual(["token-type-confusion high"]);
  expect(confused({ slot: "txn_token" })).toEqual(["token-type-confusion medium suspicious"]);
  expect(confused({ slot: "txn_token", role: "transaction" })).toEqual([]);
  const ofTransaction = token({ slot: "txn_token", role: "id_token" });
  expect(confused({ companions: [ofTransaction] })).toEqual(["token-type-confusion high"]);
});

test("two credentials in one header are a suspicion, and have nothing else judged", () => {
  expect(toldAfter(withToken({ quality: "ambiguous", audiences: ["x"], isExpiring: false }))).toEqual([
    "token-type-confusion medium suspicious",
  ]);
});
