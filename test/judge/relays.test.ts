import { expect, test } from "vitest";
import { judgePresentation } from "../../src/judge/judge-presentation.ts";
import { judgeRelay } from "../../src/judge/judge-relay.ts";
import type { PresentationPair } from "../../src/model/facts.ts";
import {
  contextOf,
  datastore,
  external,
  pair,
  presentationOf,
  relayOf,
  SHOP,
  service,
  token,
  toldOfPresentation,
  toldOfRelay,
  WITHOUT_BASELINE,
} from "./support.ts";

const OWN = contextOf("services: { cart: { calls: { payments: { token: { mode: own } } } }, payments: {} }");

test("a relayed token is medium, and high towards a callee that matters", () => {
  const context = contextOf(`
services:
  a: { calls: { b: { token: { mode: own } }, c: { token: { mode: own } }, d: { token: { mode: own } } } }
  b: {}
  c: { criticality: high }
  d: { criticality: critical }
`);
  const relay = (next: string) => toldOfRelay({ service: "a", next: service(next) }, context);
  expect(relay("b")).toEqual(["token-relayed medium"]);
  expect(relay("c")).toEqual(["token-relayed high"]);
  expect(relay("d")).toEqual(["token-relayed high"]);
});

test("a relay names the relaying service, the next one and the issuer", () => {
  const credential = token({ audiences: null, format: "opaque", issuer: null });
  const [finding] = judgeRelay(relayOf({ service: "cart", credential }), OWN);
  expect(finding).toMatchObject({
    keyFields: ["cart", "payments", ""],
    summary: "cart relayed a token to payments",
    decidedBy: { says: "services.cart.calls.payments.token has no mode passthrough" },
  });
});

test("where a call declares nothing about tokens its relay is low, and one a service", () => {
  const relay = (next: string) => judgeRelay(relayOf({ next: service(next) }), SHOP)[0];
  expect(relay("cart")).toMatchObject({ rule: "token-relayed", severity: "low", keyFields: ["checkout"] });
  expect(relay("email")?.keyFields).toEqual(["checkout", "email", "https://idp.example"]);
});

test("passthrough excuses the relay, never the audience", () => {
  const relay = (audiences: readonly string[] | null) =>
    toldOfRelay({
      service: "gateway",
      next: service("checkout"),
      credential: token({ audiences, format: audiences === null ? "opaque" : "jwt" }),
    });
  expect(relay(null)).toEqual([]);
  expect(relay(["checkout-api"])).toEqual([]);
  expect(relay(["cart-api"])).toEqual(["token-relayed-past-audience critical"]);
});

test("past its audience: critical where accepted, less where refused, a suspicion where neither is known", () => {
  const relay = (outcome: "ok" | "refused" | "unknown") =>
    toldOfRelay({
      service: "gateway",
      next: service("inventory"),
      credential: token({ audiences: ["checkout-api"] }),
      outcome,
    });
  expect(relay("ok")).toEqual(["token-relayed-past-audience critical"]);
  expect(relay("refused")).toEqual(["token-relayed-past-audience medium"]);
  expect(relay("unknown")).toEqual(["token-relayed-past-audience medium suspicious"]);
});

test("the graver rule wins and names the others as facts", () => {
  const findings = judgeRelay(relayOf({ credential: token({ audiences: ["checkout-api"] }) }), SHOP);
  expect(findings.map((finding) => finding.summary)).toEqual([
    "checkout relayed a token meant for checkout-api to payments (also audience-mismatch-accepted and exchange-expected-not-seen)",
  ]);
});

test("a relay to a service that declares no accepts says nothing about the audience", () => {
  expect(toldOfRelay({ next: service("cart"), credential: token({ audiences: ["x"] }) })).toEqual([
    "token-relayed low",
  ]);
});

test("transaction tokens, credentials without a comparable fingerprint and static keys are not relayed tokens", () => {
  expect(toldOfRelay({ credential: token({ role: "transaction", audiences: ["x"] }) })).toEqual([]);
  for (const quality of ["placeholder", "truncated", "foreign-digest", "ambiguous", "absent", "unparsable"] as const) {
    expect(toldOfRelay({ credential: token({ quality, audiences: ["x"] }) })).toEqual([]);
  }
  expect(toldOfRelay({ credential: token({ format: "key", audiences: null }) })).toEqual([]);
});

test("a relay that leaves the estate is a relay; one to a datastore, a broker or itself is none", () => {
  expect(toldOfRelay({ next: external("api.else.example") })).toEqual(["token-relayed medium"]);
  expect(toldOfRelay({ next: datastore("db:redis/x") })).toEqual([]);
  expect(toldOfRelay({ next: { kind: "broker", name: "mq:kafka/orders" } })).toEqual([]);
  expect(toldOfRelay({ next: service("checkoutservice") })).toEqual([]);
});

test("relays between services that no baseline names are not findings, nor are any without a baseline", () => {
  expect(toldOfRelay({ service: "miner", next: service("pool") })).toEqual([]);
  expect(toldOfRelay({}, WITHOUT_BASELINE)).toEqual([]);
});

const THEFT = [
  pair("checkout", "payments", { presenterRuntime: "java" }),
  pair("evil/miner", "payments", { presenterRuntime: "python" }),
];

test("a stranger with two signals is critical", () => {
  const [found, ...others] = judgePresentation(presentationOf(THEFT), SHOP);
  expect(others).toEqual([]);
  expect(found?.finding).toMatchObject({
    rule: "token-multi-presenter",
    severity: "critical",
    verdict: "violation",
    keyFields: ["https://idp.example", "web", "evil/miner"],
    caller: "evil/miner",
    callee: "payments",
  });
  expect(found?.evidence.atMs).toBe(1);
});

test("a stranger with one signal or none is a suspicion", () => {
  const oneSignal = [THEFT[0], pair("miner", "payments", { presenterRuntime: "python" })];
  const noSignal = [THEFT[0], pair("miner", "payments")];
  for (const pairs of [oneSignal, noSignal]) {
    expect(toldOfPresentation(presentationOf(pairs.filter((each) => each !== undefined)))).toEqual([
      "token-multi-presenter medium suspicious",
    ]);
  }
});

test("a stranger that was refused every time is a step lower", () => {
  const refused: Partial<PresentationPair> = { isAccepted: false, isRefused: true };
  const pairs = THEFT.map((each, index) => (index === 1 ? { ...each, ...refused } : each));
  expect(toldOfPresentation(presentationOf(pairs))).toEqual(["token-multi-presenter high"]);
});

test("each stranger is one finding, however many services it tries", () => {
  const pairs = [...THEFT, pair("evil/miner", "cart"), pair("evil/other", "cart")];
  expect(toldOfPresentation(presentationOf(pairs))).toHaveLength(2);
});

test("the order in which pairs arrive decides nothing", () => {
  const inOrder = presentationOf([...THEFT, pair("evil/other", "cart")]);
  const reversed = { ...inOrder, pairs: inOrder.pairs.toReversed() };
  expect(judgePresentation(reversed, SHOP)).toEqual(judgePresentation(inOrder, SHOP));
});

test("one presenter at many services, under two names of one service, is no second presenter", () => {
  expect(
    toldOfPresentation(
      presentationOf([pair("checkout", "payments"), pair("checkoutservice", "cart"), pair("checkout", "email")]),
    ),
  ).toEqual([]);
});

test("who relayed, who received the token, and who was never seen are no strangers", () => {
  const relayed = presentationOf([pair(null, "gateway"), pair("gateway", "checkout", { isRelayed: true })]);
  expect(toldOfPresentation(relayed)).toEqual([]);
  expect(toldOfPresentation(presentationOf([pair("checkout", "cart"), pair(null, "payments")]))).toEqual([]);
  expect(toldOfPresentation(presentationOf([pair("checkout", "cart"), pair("external", "payments")]))).toEqual([]);
});

test("transaction tokens, proofs and masked values have no strangers", () => {
  for (const fields of [{ role: "transaction" }, { role: "proof" }, { quality: "placeholder" }] as const) {
    expect(toldOfPresentation(presentationOf(THEFT, token(fields)))).toEqual([]);
  }
});

test("a token among services that no baseline names is inventory", () => {
  const pairs = [pair("a/x", "y", { presenterRuntime: "go" }), pair("b/z", "y", { presenterRuntime: "java" })];
  expect(toldOfPresentation(presentationOf(pairs))).toEqual([]);
  expect(toldOfPresentation(presentationOf(THEFT), WITHOUT_BASELINE)).toEqual([]);
});

test("a token received in one trace and presented in another is a suspected relay", () => {
  const presentation = presentationOf([pair("gateway", "cart"), pair("cart", "payments")]);
  const [found] = judgePresentation(presentation, OWN);
  expect(found?.finding).toMatchObject({
    rule: "token-relayed",
    verdict: "suspicious",
    severity: "medium",
    keyFields: ["cart", "payments", "https://idp.example"],
  });
});

test("a suspected relay is excused by passthrough, by relays seen in the trace, and by presenting before receiving", () => {
  const suspected = (...pairs: Parameters<typeof presentationOf>[0]) => toldOfPresentation(presentationOf(pairs));
  expect(suspected(pair(null, "gateway"), pair("gateway", "inventory"))).toEqual([]);
  expect(suspected(pair("gateway", "checkout"), pair("checkout", "payments", { isRelayed: true }))).toEqual([]);
  expect(suspected(pair("checkout", "payments"), pair("payments", "checkout", { isRelayed: true }))).toEqual([]);
  expect(suspected(pair("cart", "cart"), pair("cart", "email"))).toEqual([]);
});
