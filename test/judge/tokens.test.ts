import { expect, test } from "vitest";
import type { CredentialProfile } from "../../src/model/credential.ts";
import { OUTSIDE } from "../../src/model/graph.ts";
import { judge, SHOP, service, shapeOf, token, toldOfShape, WITHOUT_BASELINE } from "./support.ts";

const MESH = "https://sts.example";

function toPayments(credential: Partial<CredentialProfile>) {
  return { credential: token({ issuer: MESH, ...credential }), credentialSeenBy: "callee" } as const;
}

function toCheckout(credential: Partial<CredentialProfile>) {
  const call = { caller: service("gateway"), callee: service("checkout"), operation: "POST /orders" };
  return { ...call, credential: token(credential), credentialSeenBy: "callee" } as const;
}

function isAboutAudience(told: string): boolean {
  return told.includes("audience");
}

test("a declared audience is no finding", () => {
  expect(toldOfShape(toPayments({ audiences: ["payments-api"] }))).toEqual([]);
});

test("an undeclared audience is one finding per audience", () => {
  const findings = judge(shapeOf(toCheckout({ audiences: ["checkout-a", "checkout-b"] })));
  expect(findings.map((finding) => [finding.rule, finding.severity, finding.keyFields])).toEqual([
    ["undeclared-audience", "high", ["checkout", "https://idp.example", "web", "checkout-a"]],
    ["undeclared-audience", "high", ["checkout", "https://idp.example", "web", "checkout-b"]],
  ]);
});

test("an undeclared audience beside a declared one is medium, and says why", () => {
  const [finding] = judge(shapeOf(toCheckout({ audiences: ["checkout-api", "checkout-b"] })));
  expect(finding).toMatchObject({ severity: "medium", audiences: ["checkout-b"] });
  expect(finding?.severityReasons).toHaveLength(1);
});

test("an undeclared call or operation hides the audience below it, never the mismatch", () => {
  const shape = toCheckout({ audiences: ["checkout-b"] });
  expect(toldOfShape({ ...shape, operation: "PUT /orders" })).toEqual(["undeclared-operation low"]);
  expect(toldOfShape({ ...shape, caller: service("cart") })).toEqual(["undeclared-call medium"]);
  expect(toldOfShape({ ...toCheckout({ audiences: ["cart-api"] }), caller: service("cart") })).toEqual([
    "audience-mismatch-accepted critical",
    "undeclared-call medium",
  ]);
});

test("audiences are not checked where the call declares none or the token does not show them", () => {
  expect(toldOfShape({ ...toCheckout({ audiences: ["x"] }), callee: service("cart") })).toEqual([]);
  expect(toldOfShape(toCheckout({ audiences: null }))).toEqual([]);
  expect(toldOfShape(toCheckout({ audiences: ["x"], format: "opaque" }))).toEqual([]);
  for (const quality of ["placeholder", "truncated", "ambiguous", "absent", "unparsable"] as const) {
    expect(toldOfShape(toCheckout({ audiences: ["x"], quality })).filter(isAboutAudience)).toEqual([]);
  }
});

test("a digest of foreign origin keeps its facts", () => {
  expect(toldOfShape(toCheckout({ audiences: ["checkout-b"], quality: "foreign-digest" }))).toEqual([
    "undeclared-audience high",
  ]);
});

test("a token for somebody else that was accepted is critical", () => {
  const [finding] = judge(shapeOf(toPayments({ audiences: ["cart-api", "another"], client: null })));
  expect(finding).toMatchObject({
    rule: "audience-mismatch-accepted",
    severity: "critical",
    keyFields: ["payments", MESH, "undeclared", ["another", "cart-api"]],
    summary: "checkout called payments with a token meant for cart-api and another",
    confidence: "high",
    decidedBy: { position: { file: "shop.yaml" } },
  });
});

test("neither accepted nor refused is at most a suspicion; refused is nothing", () => {
  const shape = { ...toPayments({ audiences: ["cart-api"] }), callee: service("payments") };
  const mismatches = (outcome: "unknown" | "error" | "refused") =>
    toldOfShape({ ...shape, outcome }).filter((text) => text.startsWith("audience-mismatch"));
  expect(mismatches("unknown")).toEqual(["audience-mismatch-accepted medium suspicious"]);
  expect(mismatches("error")).toEqual(["audience-mismatch-accepted medium suspicious"]);
  expect(mismatches("refused")).toEqual([]);
});

test("one matching audience is enough, and globs match", () => {
  expect(toldOfShape(toPayments({ audiences: ["cart-api", "payments-api"] }))).toEqual(["undeclared-audience high"]);
  expect(toldOfShape({ ...toCheckout({ audiences: ["checkout-v2"] }), caller: OUTSIDE })).toEqual([]);
});

test("an audience counts for the issuer that the callee accepts, under any of the issuer's names", () => {
  const aliased = toCheckout({ audiences: ["checkout-api"], issuer: "https://idp.example/v2" });
  expect(toldOfShape(aliased)).toEqual([]);
  const fromMesh = toCheckout({ audiences: ["checkout-api"], issuer: MESH });
  expect(toldOfShape(fromMesh)).toEqual(["audience-mismatch-accepted critical", "unknown-issuer high"]);
});

test("for an issuer that is absent or unknown only the audiences are compared", () => {
  for (const issuer of [null, "https://else.example"]) {
    expect(toldOfShape(toPayments({ audiences: ["payments-api"], issuer })).filter(isAboutAudience)).toEqual([]);
    expect(toldOfShape(toPayments({ audiences: ["cart-api"], issuer }))).toContain(
      "audience-mismatch-accepted critical",
    );
  }
});

test("tokens addressed to a trust domain are not mismatches", () => {
  for (const role of ["transaction", "workload_identity"] as const) {
    expect(toldOfShape({ ...toPayments({ audiences: ["shop.example"], role }) }).filter(isAboutAudience)).toEqual([
      "undeclared-audience high",
    ]);
  }
});

test("a token without audiences is no mismatch, and a callee that declares no accepts is unchecked", () => {
  expect(toldOfShape(toPayments({ audiences: [] }))).toEqual(["audience-missing high"]);
  expect(toldOfShape({ ...toPayments({ audiences: ["x"] }), callee: service("cart") })).toEqual([]);
});

test("any token is drift where a service accepts none", () => {
  const call = { callee: service("email"), credentialSeenBy: "callee" } as const;
  expect(toldOfShape({ ...call, credential: token({ audiences: ["x"] }) })).toEqual([
    "audience-mismatch-accepted critical",
  ]);
  expect(toldOfShape({ ...call, credential: token({ audiences: null, format: "opaque" }) })).toEqual([
    "audience-mismatch-accepted critical",
  ]);
  expect(toldOfShape({ ...call, credential: token({ quality: "placeholder", audiences: null }) })).toEqual([]);
  expect(toldOfShape({ ...call, credential: token({ quality: "absent", audiences: null }) })).toEqual([]);
  expect(toldOfShape(call)).toEqual([]);
});

test("what only the caller saw of a token has low confidence", () => {
  const [finding] = judge(shapeOf({ ...toPayments({ audiences: ["cart-api"] }), credentialSeenBy: "caller" }));
  expect(finding?.confidence).toBe("low");
});

test("a call from nobody known is judged by the callee's rules", () => {
  const shape = { ...toPayments({ audiences: ["cart-api"] }), type: "unattributed", caller: OUTSIDE } as const;
  const findings = judge(shapeOf({ ...shape, isExpired: true }));
  expect(findings.map((finding) => [finding.rule, finding.caller])).toEqual([
    ["unattributed-call", null],
    ["audience-mismatch-accepted", null],
    ["expired-token-accepted", null],
  ]);
});

test("an expired token that was accepted is critical and can only be fixed", () => {
  const [finding] = judge(shapeOf({ ...toPayments({ audiences: ["payments-api"] }), isExpired: true }));
  expect(finding).toMatchObject({
    rule: "expired-token-accepted",
    severity: "critical",
    keyFields: ["payments", MESH, "web"],
    waysOut: ["fix"],
  });
});

test("an expired token that was not accepted is nothing", () => {
  for (const outcome of ["refused", "error", "unknown"] as const) {
    expect(toldOfShape({ ...toPayments({ audiences: ["payments-api"] }), isExpired: true, outcome })).toEqual([]);
  }
});

test("an expired token needs no baseline; with one, it needs a callee that is named", () => {
  const shape = { caller: service("a"), callee: service("b"), credential: token({}), isExpired: true };
  expect(toldOfShape(shape, WITHOUT_BASELINE)).toEqual(["expired-token-accepted critical"]);
  expect(toldOfShape(shape, SHOP)).not.toContain("expired-token-accepted critical");
});
