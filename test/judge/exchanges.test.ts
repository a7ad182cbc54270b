import { expect, test } from "vitest";
import { judgeExchange } from "../../src/judge/judge-exchange.ts";
import { judgeReuse } from "../../src/judge/judge-reuse.ts";
import { exchangeOf, reuseOf, toldOfExchange, toldOfReuse } from "./exchange-support.ts";
import { contextOf, service, type shapeOf, token, toldOfShape, WITHOUT_BASELINE } from "./support.ts";

const CORP = "https://idp.example";
const SHOP = contextOf(`
issuers: { corp: { iss: "${CORP}", maxLifetime: { transaction: 10m } } }
identities:
  orders-client: { issuer: corp, client: orders, usedBy: [orders] }
  stock-client: { issuer: corp, client: stock, usedBy: [stock] }
services:
  web: {}
  orders:
    identity: { spiffe: ["spiffe://shop/orders"] }
    calls:
      stock: { token: { mode: exchange, audiences: [stock, orders] } }
      pay: { token: { mode: own, scopes: ["pay:*"] } }
  stock: { accepts: [{ issuer: corp, audiences: [stock], scopes: { required: [read], allowed: ["read:*"] } }] }
  pay: {}
  edge: { traits: [exchanger] }
`);

const user = (fields: Parameters<typeof token>[0] = {}) =>
  token({ subjectKind: "user", audiences: ["orders"], ...fields });

test("another token of the same subject, client and audiences is no exchange where one is demanded", () => {
  const [finding] = judgeExchange(exchangeOf({ presented: user() }), SHOP);
  expect(finding).toMatchObject({
    rule: "exchange-expected-not-seen",
    severity: "medium",
    keyFields: ["orders", "stock", CORP],
    decidedBy: { says: "services.orders.calls.stock.token.mode is exchange" },
  });
});

test("what shows an exchange: another audience or client, an actor; what demands none: another mode, another subject", () => {
  for (const presented of [user({ audiences: ["stock"] }), user({ client: "orders" }), user({ actors: ["orders"] })]) {
    expect(toldOfExchange({ presented }, SHOP)).toEqual([]);
  }
  expect(toldOfExchange({ presented: user(), next: service("pay") }, SHOP)).toEqual([]);
  expect(toldOfExchange({ presented: user(), isSameSubject: null }, SHOP)).toEqual([]);
  const unknown = user({ audiences: null, format: "opaque" });
  expect(toldOfExchange({ received: unknown, presented: unknown }, SHOP)).toEqual([]);
});

test("an actor that is another service's is wrong; the service's own, and one that nothing is declared of, are not", () => {
  const acting = (...actors: readonly string[]) =>
    toldOfExchange({ presented: user({ audiences: ["stock"], actors }) }, SHOP);
  expect(acting("stock")).toEqual(["actor-chain-mismatch high"]);
  expect(acting("spiffe://shop/stock")).toEqual(["actor-chain-mismatch high"]);
  expect(acting("orders")).toEqual([]);
  expect(acting("spiffe://shop/orders", "stock")).toEqual([]);
  expect(acting("whoever")).toEqual([]);
  expect(acting("orders", "2", "3", "4", "5")).toEqual([]);
  expect(acting("orders", "2", "3", "4", "5", "6")).toEqual(["actor-chain-mismatch high"]);
});

test("another person's token without an actor is wrong, unless it is a service's, another issuer's or an exchanger's", () => {
  const other = { isSameSubject: false, presented: user({ audiences: ["stock"] }) } as const;
  expect(toldOfExchange(other, SHOP)).toEqual(["actor-chain-mismatch high"]);
  expect(toldOfExchange({ ...other, isSameSubject: null }, SHOP)).toEqual([]);
  expect(toldOfExchange({ ...other, presented: user({ subjectKind: "service" }) }, SHOP)).toEqual([]);
  expect(toldOfExchange({ ...other, presented: user({ issuer: "https://sts.example" }) }, SHOP)).toEqual([]);
  expect(toldOfExchange({ ...other, presented: user({ actors: ["orders"] }) }, SHOP)).toEqual([]);
  expect(toldOfExchange({ ...other, service: "edge" }, SHOP)).toEqual([]);
});

test("more scopes for the same resource and subject are an escalation", () => {
  const received = user({ scopes: ["read"] });
  const widened = (fields: Parameters<typeof token>[0], rest: Parameters<typeof toldOfExchange>[0] = {}) =>
    toldOfExchange(
      { received, presented: user({ client: "orders", scopes: ["admin", "read"], ...fields }), ...rest },
      SHOP,
    );
  expect(widened({})).toEqual(["scope-escalation high"]);
  expect(widened({ scopes: ["read"] })).toEqual([]);
  expect(widened({ scopes: ["openid", "read"] })).toEqual([]);
  expect(widened({ scopes: ["read:all"] })).toEqual([]);
  expect(widened({ scopes: ["pay:write"] }, { next: service("pay") })).toEqual([]);
  expect(widened({ scopes: null })).toEqual([]);
  expect(widened({ audiences: ["stock"] })).toEqual([]);
  expect(widened({ subjectKind: "service" })).toEqual(["scope-escalation high"]);
  expect(widened({ issuer: "https://sts.example" })).toEqual([]);
  expect(widened({}, { isSameSubject: null })).toEqual([]);
});

test("exchanges to oneself, between strangers and without a baseline say nothing", () => {
  const wrong = { presented: user() };
  expect(toldOfExchange({ ...wrong, next: service("orders") }, SHOP)).toEqual([]);
  expect(toldOfExchange({ ...wrong, service: "x", next: service("y"), isSameSubject: false }, SHOP)).toEqual([]);
  expect(toldOfExchange(wrong, WITHOUT_BASELINE)).toEqual([]);
});

test("two tokens with one id are a finding, and a lesser one where signatures differ each time", () => {
  expect(toldOfReuse({}, SHOP)).toEqual(["duplicate-token-id high"]);
  expect(toldOfReuse({ credential: token({ algorithm: "RS256" }) }, SHOP)).toEqual(["duplicate-token-id high"]);
  expect(toldOfReuse({ credential: token({ algorithm: "ES256" }) }, SHOP)).toEqual(["duplicate-token-id medium"]);
  expect(judgeReuse(reuseOf({ presenter: null }), SHOP)[0]?.keyFields).toEqual([CORP, "web", ""]);
  expect(toldOfReuse({ presenter: "x", recipient: service("y") }, SHOP)).toEqual([]);
  expect(toldOfReuse({}, WITHOUT_BASELINE)).toEqual([]);
});

test("a proof that was used before: less where refused, a suspicion where nobody knows", () => {
  const proof = { kind: "proof", credential: token({ role: "proof", slot: "proof" }) } as const;
  expect(toldOfReuse(proof, SHOP)).toEqual(["one-time-proof-replayed high"]);
  expect(toldOfReuse({ ...proof, outcome: "refused" }, SHOP)).toEqual(["one-time-proof-replayed medium"]);
  expect(toldOfReuse({ ...proof, outcome: "error" }, SHOP)).toEqual(["one-time-proof-replayed medium suspicious"]);
});

test("a transaction that turns up later than it can have lasted is outside, by its issuer's lifetime or five minutes", () => {
  const told = (minutes: number, issuer: string | null) =>
    toldOfReuse(
      { kind: "transaction", apartMs: minutes * 60_000, credential: token({ role: "transaction", issuer }) },
      SHOP,
    );
  expect(told(25, CORP)).toEqual(["transaction-token-outside-transaction high"]);
  expect(told(9, CORP)).toEqual([]);
  expect(told(9, null)).toEqual(["transaction-token-outside-transaction high"]);
  expect(told(4, null)).toEqual([]);
});

test("an expired transaction token that was accepted is outside its transaction as well as expired", () => {
  const shape = { caller: service("web"), callee: service("orders"), credential: token({ role: "transaction" }) };
  const outside = (fields: Partial<ReturnType<typeof shapeOf>>) =>
    toldOfShape({ ...shape, ...fields }, SHOP).filter((text) => text.startsWith("transaction"));
  expect(outside({ isExpired: true })).toEqual(["transaction-token-outside-transaction high"]);
  expect(outside({ isExpired: true, outcome: "refused" })).toEqual([]);
  expect(outside({})).toEqual([]);
});

test("a token of a pod that has ended: a violation by who was seen, a suspicion where nobody was", () => {
  const subject = "system:serviceaccount:shop:orders";
  const late = { kind: "ended-pod", apartMs: 11.9 * 60_000, credential: token({ client: null, subject }) } as const;
  const [finding] = judgeReuse(reuseOf(late), SHOP);
  expect(finding).toMatchObject({
    rule: "token-outlives-workload",
    severity: "high",
    keyFields: [CORP, "undeclared", subject, "web", "orders"],
    summary: `web presented to orders a token of ${subject} whose pod was last heard 11 minutes before`,
  });
  expect(toldOfReuse({ ...late, presenter: null }, SHOP)).toEqual(["token-outlives-workload medium suspicious"]);
  expect(judgeReuse(reuseOf({ ...late, presenter: null, credential: token({}) }), SHOP)[0]?.summary).toBe(
    "an unseen caller presented to orders a token whose pod was last heard 11 minutes before",
  );
  expect(toldOfReuse({ ...late, presenter: "x", recipient: service("y") }, SHOP)).toEqual([]);
  expect(toldOfReuse(late, WITHOUT_BASELINE)).toEqual([]);
});
