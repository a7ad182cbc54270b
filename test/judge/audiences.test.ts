import { expect, test } from "vitest";
import type { CredentialProfile } from "../../src/model/credential.ts";
import { OUTSIDE, type Shape } from "../../src/model/graph.ts";
import { contextOf, external, fromOutside, judge, service, shapeOf, token, toldOfShape } from "./support.ts";

const CORP = "https://idp.example";
const COGNITO = "https://cognito.example";
const CONTEXT = contextOf(`
internal: { probes: ["GET /up"] }
environments: { prod: {} }
issuers:
  corp:
    iss: "${CORP}/"
    internal: true
    audienceAliases: { "api://orders": ["8f14e45f"], "api://old": ["0ld"] }
  cognito: { iss: "${COGNITO}", audienceClaim: client_id }
  bare: { iss: "https://bare.example", audienceClaim: none }
  tight: { iss: "https://tight.example", maxAudiences: 1 }
  txn: { iss: "https://txn.example" }
services:
  web:
    calls:
      orders:
        token: { mode: own, audiences: ["api://orders", "two"], scopes: ["orders:*"] }
      keys: { auth: [api-key] }
      silent: { token: { mode: none } }
      strict: { token: { mode: own, required: true } }
      undeclared: { operations: ["GET /only"] }
      vault: {}
      partner: {}
  orders:
    identity: { spiffe: ["spiffe://shop.example/orders"] }
    accepts:
      - { issuer: corp, audiences: ["api://orders"], scopes: { required: ["orders:read"], allowed: ["orders:read", "orders:write"] }, subjects: [user] }
      - { issuer: cognito, audiences: [web-client] }
      - { issuer: bare, audiences: [any] }
      - { issuer: tight, audiences: [tight-api, account] }
    public: ["GET /prices"]
    ingress: [{ from: internet, operations: ["POST /in"], token: required }, { from: internet, operations: ["POST /open"] }]
  keys: {}
  silent: {}
  strict: {}
  undeclared: { accepts: [{ issuer: corp, audiences: [u, "0ld"] }] }
  none: { accepts: [] }
  vault: { traits: [control-plane] }
  front: { traits: [proxy] }
externals:
  partner: { hosts: ["api.partner.example"], tokenIssuers: [corp] }
  other: { hosts: ["api.other.example"] }
`);

/** A call from web to orders that is right in every way. */
const RIGHT = { issuer: CORP, audiences: ["api://orders"], scopes: ["orders:read"], subjectKind: "user" } as const;

function call(credential: Partial<CredentialProfile>, fields: Partial<Shape> = {}): Partial<Shape> {
  const path = { caller: service("web"), callee: service("orders"), operation: "POST /orders" };
  return { ...path, credential: token({ ...RIGHT, ...credential }), credentialSeenBy: "callee", ...fields };
}

/** Of another family, and tested there. */
const OTHERS = "static-credential-on-service-hop";

function told(credential: Partial<CredentialProfile>, fields: Partial<Shape> = {}): readonly string[] {
  return toldOfShape(call(credential, fields), CONTEXT).filter((text) => !text.startsWith(OTHERS));
}

function keysOf(credential: Partial<CredentialProfile>, fields: Partial<Shape> = {}) {
  return judge(shapeOf(call(credential, fields)), CONTEXT).flatMap(({ rule, keyFields }) =>
    rule === OTHERS ? [] : [[rule, keyFields] as const],
  );
}

test("a token that is right in every way is no finding", () => {
  expect(told({})).toEqual([]);
});

test("an audience counts in all of its issuer's spellings, on the call and at the callee", () => {
  expect(told({ audiences: ["8f14e45f"] })).toEqual([]);
  for (const spelling of ["api://old", "0ld"]) {
    expect(told({ audiences: [spelling] }, { callee: service("undeclared"), operation: "GET /only" })).toEqual([]);
  }
  expect(told({ audiences: ["8f14e45f"], issuer: "https://tight.example" })).toContain(
    "audience-mismatch-accepted critical",
  );
});

test("the user-info endpoint that issuers add beside an audience does not count", () => {
  expect(told({ audiences: ["api://orders", `${CORP}/userinfo`] })).toEqual([]);
  expect(told({ audiences: [`${CORP}/userinfo`] })).toContain("audience-mismatch-accepted critical");
});

test("where an issuer puts the client in the audience's place, that is what is compared", () => {
  const cognito = { issuer: COGNITO, audiences: [], scopes: null, subjectKind: null };
  const fields = { caller: OUTSIDE, operation: "POST /open" };
  expect(told({ ...cognito, client: "web-client" }, fields)).toEqual(["audience-missing info insufficient-evidence"]);
  expect(told({ ...cognito, client: "another" }, fields)).toContain("audience-mismatch-accepted critical");
});

test("an issuer without audiences by design is not checked for them", () => {
  const bare = { issuer: "https://bare.example", audiences: [], scopes: null };
  expect(told(bare)).toEqual(["audience-missing info insufficient-evidence"]);
});

test("a public operation ignores what it is shown", () => {
  const wrong = { audiences: ["two"], issuer: "https://else.example", isExpiring: true };
  expect(told(wrong, { operation: "GET /prices", isExpired: true, isPremature: true })).toEqual([]);
  expect(told(wrong, { isExpired: true })).toContain("expired-token-accepted critical");
});

test("a token in any slot is judged, and each alert told once", () => {
  const beside = token({ ...RIGHT, audiences: ["elsewhere"] });
  const both = { companions: [beside, { ...beside, slot: "query", carrier: "access_token" } as const] };
  const rules = told(both);
  expect(rules.filter((text) => text.startsWith("audience-mismatch"))).toEqual(["audience-mismatch-accepted critical"]);
  expect(rules).toContain("credential-in-url high");
});

test("what a proxy adds beside the caller's own token is not the caller's", () => {
  const assertion = token({ slot: "iap_assertion", issuer: "https://iap.example", audiences: ["/projects/1"] });
  expect(told({ companions: [assertion] })).toEqual([]);
  expect(told(assertion)).toContain("unknown-issuer high");
});

test("a token without an audience that was accepted is high, and for the posture where nothing is declared", () => {
  const none = { audiences: [] };
  expect(told(none)).toEqual(["audience-missing high"]);
  expect(told(none, { outcome: "unknown" })).toEqual(["audience-missing medium suspicious"]);
  expect(told(none, { outcome: "refused" })).toEqual([]);
  expect(told(none, { callee: service("strict") })).toEqual(["audience-missing high insufficient-evidence"]);
  expect(told({ ...none, role: "workload_identity", slot: "workload_identity", type: "wit+jwt" })).not.toContain(
    "audience-missing high",
  );
  expect(keysOf(none)).toEqual([["audience-missing", ["orders", CORP, "web"]]]);
});

test("too many audiences, or one that means everybody, is too broad", () => {
  const tight = { issuer: "https://tight.example", scopes: null };
  const rule = (texts: readonly string[]) => texts.filter((text) => text.startsWith("audience-too-broad"));
  expect(rule(told({ audiences: ["api://orders", "b", "c"] }))).toEqual([]);
  expect(rule(told({ audiences: ["api://orders", "b", "c", "d"] }))).toEqual(["audience-too-broad medium"]);
  expect(rule(told({ ...tight, audiences: ["tight-api", "b"] }))).toEqual(["audience-too-broad medium"]);
  expect(rule(told({ subject: "spiffe://shop.example/web", audiences: ["api://orders", "b"] }))).toEqual([
    "audience-too-broad medium",
  ]);
  for (const everybody of ["*", "account", "api://default", "prod", "shop.example", "spiffe://shop.example"]) {
    expect(rule(told({ audiences: ["api://orders", everybody] }))).toEqual(["audience-too-broad medium"]);
  }
  expect(rule(told({ role: "transaction", audiences: ["shop.example"] }))).toEqual([]);
});

test("a broad audience is posture where its taker names it, or nobody declared anything", () => {
  const rule = (texts: readonly string[]) => texts.filter((text) => text.startsWith("audience-too-broad"));
  expect(rule(told({ issuer: "https://tight.example", audiences: ["account"] }))).toEqual([
    "audience-too-broad medium insufficient-evidence",
  ]);
  const fields = { caller: OUTSIDE, callee: service("keys") };
  expect(rule(told({ audiences: ["account"] }, fields))).toEqual(["audience-too-broad medium insufficient-evidence"]);
  expect(rule(told({ audiences: ["account"] }, { caller: service("x"), callee: service("y") }))).toEqual([]);
});

test("a platform's token is for the platform", () => {
  const api = { audiences: ["https://kubernetes.default.svc"], scopes: null };
  const rule = (fields: Partial<Shape>, credential: Partial<CredentialProfile> = api) =>
    told(credential, fields).filter((text) => text.startsWith("platform"));
  expect(rule({ callee: service("strict") })).toEqual(["platform-token-off-platform high"]);
  expect(rule({ callee: service("strict"), outcome: "refused" })).toEqual(["platform-token-off-platform medium"]);
  expect(rule({ callee: service("vault") })).toEqual([]);
  expect(rule({ callee: external("kubernetes.default.svc:443") })).toEqual([]);
  const sts = { audiences: ["sts.amazonaws.com"] };
  expect(rule({ callee: external("sts.eu-west-1.amazonaws.com") }, sts)).toEqual([]);
  expect(rule({ callee: external("api.other.example") }, sts)).toEqual(["platform-token-off-platform high"]);
});

test("an internal issuer's token must not leave, but where owners say so and to the issuer itself", () => {
  const rule = (name: string, fields: Partial<Shape> = {}) =>
    told({}, { callee: external(name), credentialSeenBy: "caller", ...fields }).filter((text) =>
      text.startsWith("internal-"),
    );
  expect(rule("api.other.example")).toEqual(["internal-token-to-external-host critical"]);
  expect(rule("evil.example")).toEqual(["internal-token-to-external-host critical"]);
  expect(rule("evil.example", { outcome: "refused" })).toEqual(["internal-token-to-external-host high"]);
  expect(rule("ext:(ip)")).toEqual(["internal-token-to-external-host medium suspicious"]);
  expect(rule("api.partner.example")).toEqual([]);
  expect(rule("idp.example")).toEqual([]);
  expect(rule("evil.example", { credential: token({ issuer: "https://txn.example" }) })).toEqual([]);
  const [finding] = judge(shapeOf(call({}, { callee: external("a.evil.example") })), CONTEXT).filter(
    ({ rule: id }) => id === "internal-token-to-external-host",
  );
  expect(finding).toMatchObject({
    keyFields: ["web", "evil.example", "corp"],
    about: { issuer: "corp", host: "a.evil.example" },
  });
});

test("an issuer that the callee does not take is unknown to it, be it declared or not", () => {
  const stranger = { issuer: "https://else.example" };
  expect(told(stranger)).toEqual(["unknown-issuer high"]);
  expect(told(stranger, { outcome: "refused" })).toEqual(["unknown-issuer medium"]);
  expect(told({ issuer: `${CORP}/` })).toEqual([]);
  expect(told({ issuer: null })).toEqual([]);
  expect(told(stranger, { callee: service("none") })).not.toContain("unknown-issuer high");
  expect(told({ role: "transaction", slot: "txn_token", issuer: "https://txn.example" })).toEqual([]);
  expect(told({ role: "transaction", slot: "txn_token", issuer: "https://else.example" })).toContain(
    "unknown-issuer high",
  );
});

test("an undeclared operation hides issuer, scope and method, and neither hides another", () => {
  const wrong = { issuer: "https://else.example", audiences: ["u"], scopes: null };
  const fields = { callee: service("undeclared") };
  expect(told(wrong, { ...fields, operation: "GET /more" })).toEqual(["undeclared-operation low"]);
  expect(told(wrong, { ...fields, operation: "GET /only" })).toEqual(["unknown-issuer high"]);
  expect(told({ issuer: "https://else.example", audiences: ["x"], scopes: ["admin"] }).slice(-3)).toEqual([
    "undeclared-audience high",
    "undeclared-scope medium",
    "unknown-issuer high",
  ]);
});

test("a call authenticates as it declares", () => {
  const fields = { callee: service("keys") };
  const key = token({ slot: "api_key", format: "key", role: "api_key" });
  expect(told(key, fields)).toEqual([]);
  expect(told({}, fields)).toEqual(["auth-method-drift high"]);
  expect(told({ quality: "placeholder", format: "unknown" }, fields)).toEqual([]);
  expect(told({ ...key, companions: [token({ slot: "proof", role: "proof" })] }, fields)).toEqual([]);
  expect(keysOf({ format: "basic" }, fields)).toEqual([["auth-method-drift", ["web", "keys", "basic"]]]);
});

test("where a call is to carry no token, any token is drift", () => {
  const fields = { callee: service("silent") };
  expect(told({}, fields)).toEqual(["auth-method-drift high"]);
  expect(told({ format: "opaque", audiences: null }, fields)).toEqual(["auth-method-drift high"]);
  expect(told({ format: "key", slot: "api_key" }, fields)).toEqual([]);
  expect(told({ quality: "absent" }, fields)).toEqual([]);
});

test("a scope beyond the call's or the callee's is a finding each", () => {
  expect(keysOf({ scopes: ["admin", "email", "openid", "orders:read"] })).toEqual([
    ["undeclared-scope", ["web", "orders", "admin"]],
  ]);
  expect(keysOf({ scopes: ["orders:delete", "orders:read"] })).toEqual([
    ["undeclared-scope", ["web", "orders", "orders:delete"]],
  ]);
  expect(told({ scopes: null })).toEqual([]);
});

test("a required scope that was not there, and was not asked for", () => {
  const without = { scopes: ["orders:write"] };
  expect(told(without)).toEqual(["scope-missing medium"]);
  expect(told(without, { outcome: "error" })).toEqual(["scope-missing medium suspicious"]);
  expect(told(without, { outcome: "refused" })).toEqual([]);
  expect(told({ ...without, companions: [token({ ...RIGHT, slot: "query" })] })).not.toContain("scope-missing medium");
  expect(keysOf(without)).toEqual([["scope-missing", ["web", "orders", ["orders:read"]]]]);
});

test("a workload where only people are let in", () => {
  expect(told({ subjectKind: "service" })).toEqual(["subject-kind-mismatch medium"]);
  expect(told({ subjectKind: "service" }, { outcome: "refused" })).toEqual([]);
  expect(told({ subjectKind: null })).toEqual([]);
});

test("something else in place of the token that is required", () => {
  const key = token({ slot: "api_key", format: "key", role: "api_key" });
  expect(told(key)).toEqual(["credential-missing medium"]);
  expect(told(key, { callee: service("strict") })).toEqual(["credential-missing medium"]);
  expect(told(key, { callee: service("keys") })).toEqual([]);
  expect(told(key, { outcome: "unknown" })).toEqual([]);
  expect(told(key, { credentialSeenBy: "caller" })).toEqual([]);
  expect(told({ quality: "placeholder", format: "unknown" })).toEqual([]);
  expect(told(key, { caller: service("front") })).not.toContain("credential-missing medium");
  for (const operation of ["GET /up", "OPTIONS /orders", "GET /healthz", "GET /prices"]) {
    expect(told(key, { operation })).toEqual([]);
  }
});

test("who comes in by an ingress shows a token only where it asks for one", () => {
  const key = token({ slot: "api_key", format: "key", role: "api_key" });
  const enter = (operation: string) =>
    toldOfShape(
      fromOutside({ callee: service("orders"), operation, credential: key, credentialSeenBy: "callee" }),
      CONTEXT,
    );
  expect(enter("POST /in")).toEqual(["credential-missing medium"]);
  expect(enter("POST /open")).toEqual([]);
});
