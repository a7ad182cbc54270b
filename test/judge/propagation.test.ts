import { expect, test } from "vitest";
import { judgePresentation } from "../../src/judge/judge-presentation.ts";
import type { PresentationPair } from "../../src/model/facts.ts";
import {
  contextOf,
  external,
  pair,
  presentationOf,
  service,
  token,
  toldOfPresentation,
  toldOfRelay,
} from "./support.ts";

const CORP = "https://idp.example";
const PASS = "token: { mode: passthrough, reason: for the user";
const SHOP = contextOf(`
issuers: { corp: { iss: "${CORP}/" } }
services:
  edge: { traits: [gateway], calls: { bff: {}, web: { token: { mode: own } } } }
  bff: { calls: { orders: { ${PASS} } }, idp: {} } }
  orders: { accepts: [{ issuer: corp, audiences: [orders] }], calls: { stock: { ${PASS}, maxHops: 2 } }, cart: { ${PASS} } } } }
  stock: { calls: { cart: { token: { mode: exchange, audiences: [cart] } } } }
  cart: {}
  web: {}
  idp: { traits: [control-plane] }
`);

const relayed: Partial<PresentationPair> = { isRelayed: true };

test("a gateway may relay where its call says nothing of its mode; a proxy and a call to the identity provider likewise", () => {
  expect(toldOfRelay({ service: "edge", next: service("bff") }, SHOP)).toEqual([]);
  expect(toldOfRelay({ service: "edge", next: service("web") }, SHOP)).toEqual(["token-relayed medium"]);
  expect(toldOfRelay({ service: "bff", next: service("idp") }, SHOP)).toEqual([]);
  expect(toldOfRelay({ service: "bff", next: service("cart") }, SHOP)).toEqual(["token-relayed medium"]);
});

test("where exchange is declared, the same token going out is an exchange that is not seen", () => {
  expect(toldOfRelay({ service: "stock", next: service("cart") }, SHOP)).toEqual(["exchange-expected-not-seen medium"]);
  const later = presentationOf([pair("orders", "stock"), pair("stock", "cart")]);
  expect(toldOfPresentation(later, SHOP)).toEqual(["exchange-expected-not-seen medium suspicious"]);
});

test("a token forwarded once more than maxHops, from its first recipient, is too often", () => {
  const chain = [pair(null, "bff"), pair("bff", "orders", relayed), pair("orders", "stock", relayed)];
  expect(toldOfPresentation(presentationOf(chain), SHOP)).toEqual([]);
  const [found] = judgePresentation(presentationOf([...chain, pair("orders", "cart", relayed)]), SHOP);
  expect(found?.finding).toMatchObject({
    rule: "relay-depth-exceeded",
    severity: "high",
    keyFields: ["orders", "cart", CORP],
    summary: "orders relayed a token to cart that had been relayed before: 2 times in all",
    decidedBy: { says: "services.orders.calls.cart.token.maxHops is 1" },
  });
});

test("the shortest way counts, and who relayed without having been seen to receive is a first recipient", () => {
  const both = [
    pair(null, "bff"),
    pair(null, "orders"),
    pair("bff", "orders", relayed),
    pair("orders", "cart", relayed),
  ];
  expect(toldOfPresentation(presentationOf(both), SHOP)).toEqual([]);
  expect(toldOfPresentation(presentationOf([pair("orders", "cart", relayed)]), SHOP)).toEqual([]);
});

test("a relay past the audience is not told once more as a relay too often", () => {
  const chain = [pair(null, "edge"), pair("edge", "bff", relayed), pair("bff", "orders", relayed)];
  expect(toldOfPresentation(presentationOf(chain, token({ audiences: ["orders"] })), SHOP)).toEqual([
    "relay-depth-exceeded high",
  ]);
  expect(toldOfPresentation(presentationOf(chain, token({ audiences: ["cart"] })), SHOP)).toEqual([]);
});

const CLIENTS = contextOf(`
issuers: { corp: { iss: "${CORP}" } }
identities:
  orders-client: { issuer: corp, client: orders, usedBy: [orders] }
  shared: { issuer: corp, client: jobs, usedBy: [orders, stock] }
  spa: { issuer: corp, client: spa, human: true }
services:
  orders: { calls: { pay: {} } }
  stock: { calls: { pay: {} } }
  pay: {}
  idp: { traits: [control-plane] }
`);

test("a client of another service is a signal of its own", () => {
  const theft = [
    pair("orders", "pay", { presenterRuntime: "go" }),
    pair("miner", "pay", { presenterRuntime: "python" }),
  ];
  expect(toldOfPresentation(presentationOf(theft, token({ client: "orders" })), CLIENTS)).toEqual([
    "token-multi-presenter critical",
  ]);
  expect(toldOfPresentation(presentationOf(theft, token({ client: "other" })), CLIENTS)).toEqual([
    "token-multi-presenter medium suspicious",
  ]);
});

test("whose the client is, is no stranger, also where a thief was quicker", () => {
  const pairs = [pair("miner", "pay"), pair("orders", "pay")];
  const [found, ...others] = judgePresentation(presentationOf(pairs, token({ client: "orders" })), CLIENTS);
  expect(others).toEqual([]);
  expect(found?.finding.caller).toBe("miner");
});

test("declared users of one client, people's clients and the control plane are no strangers", () => {
  const pairs = [pair("orders", "pay"), pair("stock", "pay")];
  const told = (client: string, recipients = pairs) =>
    toldOfPresentation(presentationOf(recipients, token({ client })), CLIENTS);
  expect(told("orders")).toEqual(["token-multi-presenter medium suspicious"]);
  expect(told("jobs")).toEqual([]);
  expect(told("spa")).toEqual([]);
  expect(told("web", [pair("orders", "pay"), pair("idp", "pay")])).toEqual([]);
});

const FANS = contextOf(`
issuers: { corp: { iss: "${CORP}" } }
services:
  web:
    calls:
      a: { token: { mode: own } }
      b: { token: { mode: own } }
      c: { token: { mode: own, audiences: [api] } }
      d: { token: { mode: own, maxRecipients: 2 } }
      e: {}
      idp: { token: { mode: own } }
  a: {}
  b: { accepts: [{ issuer: corp, audiences: [api] }] }
  c: {}
  d: {}
  e: {}
  idp: { traits: [control-plane] }
`);

test("one token for more services than it names audiences is a fan-out, one a presenter", () => {
  const pairs = [pair("web", "a"), pair("web", "b"), pair("web", "c")];
  const [found, ...others] = judgePresentation(presentationOf(pairs, token({ audiences: ["api"] })), FANS);
  expect(others).toEqual([]);
  expect(found?.finding).toMatchObject({
    rule: "token-fan-out",
    severity: "medium",
    keyFields: [CORP, "web", "web"],
    callee: "b",
    summary: "web presented one token to 3 services: a, b, c",
  });
});

test("no fan-out: as many audiences, audiences declared for all, unknown ones, undeclared tokens, refusals, bound tokens", () => {
  const told = (
    recipients: readonly string[],
    fields: Parameters<typeof token>[0],
    of: Partial<PresentationPair> = {},
  ) =>
    toldOfPresentation(
      presentationOf(
        recipients.map((name) => pair("web", name, of)),
        token(fields),
      ),
      FANS,
    );
  expect(told(["a", "b"], { audiences: ["api", "other"] })).toEqual([]);
  expect(told(["b", "c"], { audiences: ["api"] })).toEqual([]);
  expect(told(["a", "b"], { audiences: null, format: "opaque" })).toEqual([]);
  expect(told(["a", "e"], { audiences: ["api"] })).toEqual([]);
  expect(told(["a", "idp"], { audiences: ["api"] })).toEqual([]);
  expect(told(["a", "b"], { audiences: ["api"] }, { isAccepted: false, isRefused: true })).toEqual([]);
  expect(told(["a", "b"], { audiences: ["api"], confirmation: "x5t#S256" })).toEqual([]);
  expect(told(["a", "b"], { audiences: ["api"] })).toEqual(["token-fan-out medium"]);
});

test("a declared number of recipients holds whatever the token names, and what was received is no fan-out", () => {
  const fan = (recipients: readonly string[]) =>
    toldOfPresentation(
      presentationOf(
        recipients.map((name) => pair("web", name)),
        token({ audiences: ["1", "2", "3", "4"] }),
      ),
      FANS,
    );
  expect(fan(["a", "d"])).toEqual([]);
  expect(fan(["a", "b", "d"])).toEqual(["token-fan-out medium"]);
  const received = presentationOf([pair(null, "web"), pair("web", "a", relayed), pair("web", "b", relayed)]);
  expect(toldOfPresentation(received, FANS).filter((text) => text.startsWith("token-fan-out"))).toEqual([]);
});

const REFUSED: Partial<PresentationPair> = { isAccepted: false, isRefused: true };

test("a credential that three services refuse, one of them undeclared, is tried at doors", () => {
  const tries = (names: readonly string[], fields: (index: number) => Partial<PresentationPair> = () => ({})) =>
    toldOfPresentation(
      presentationOf(names.map((name, index) => pair("web", name, { ...REFUSED, ...fields(index) }))),
      FANS,
    );
  expect(tries(["a", "b", "pay"])).toEqual(["token-audience-probing high"]);
  expect(tries(["a", "pay"])).toEqual([]);
  expect(tries(["a", "b", "c"])).toEqual([]);
  expect(tries(["a", "b", "pay"], (index) => ({ firstMs: index * 360_000 }))).toEqual([]);
  expect(tries(["a", "b", "pay"], () => ({ isAccepted: true }))).not.toContain("token-audience-probing high");
  expect(tries(["a", "b", "pay"], () => ({ presenter: null }))).toEqual([]);
});

const DOORS = contextOf(`
issuers: { corp: { iss: "${CORP}" } }
services:
  web: { calls: { strict: {}, lax: {}, other: {}, scoped: {} } }
  strict: { accepts: [{ issuer: corp, audiences: [strict] }] }
  lax: { accepts: [{ issuer: corp, audiences: [lax] }] }
  scoped: { accepts: [{ issuer: corp, audiences: [web], scopes: { required: [write] } }] }
  other: { accepts: [{ issuer: "https://else.example", audiences: [other] }] }
`);

test("a door that lets in what another one refuses, and should refuse it, is lax", () => {
  const doors = (lax: string, fields: Parameters<typeof token>[0] = { audiences: ["web"] }, strict = "strict") =>
    toldOfPresentation(presentationOf([pair("web", strict, REFUSED), pair("web", lax)], token(fields)), DOORS);
  expect(doors("lax")).toEqual(["enforcement-inconsistent medium"]);
  expect(doors("scoped", { audiences: ["web"], scopes: ["read"] })).toEqual(["enforcement-inconsistent medium"]);
  expect(doors("scoped", { audiences: ["web"], scopes: ["write"] })).toEqual([]);
  expect(doors("lax", { audiences: ["lax"] })).toEqual([]);
  expect(doors("lax", { audiences: ["strict"] })).toEqual([]);
  expect(doors("other")).toEqual([]);
  expect(doors("lax", { audiences: null, format: "opaque" })).toEqual([]);
});

test("one fingerprint in two environments is critical, a static key's as well", () => {
  const spread = [pair("web", "a"), pair("web", "a", { environment: "staging" })];
  for (const fields of [{}, { format: "key" }, { format: "basic" }, { role: "transaction" }] as const) {
    expect(toldOfPresentation(presentationOf(spread, token(fields)), FANS)).toEqual([
      "token-cross-environment critical",
    ]);
  }
  const [found] = judgePresentation(presentationOf(spread), FANS);
  expect(found?.finding.keyFields).toEqual([CORP, "web", ["prod", "staging"]]);
});

test("default is no environment, neutral services are in all of them, and masked values are compared with nothing", () => {
  const spread = (environment: string, recipient = "a", fields: Parameters<typeof token>[0] = {}) =>
    toldOfPresentation(
      presentationOf([pair("web", recipient), pair("web", recipient, { environment })], token(fields)),
      NEUTRAL,
    );
  expect(spread("staging")).toEqual(["token-cross-environment critical"]);
  expect(spread("default")).toEqual([]);
  expect(spread("staging", "logs")).toEqual([]);
  expect(spread("staging", "a", { quality: "placeholder" })).toEqual([]);
  expect(spread("staging", "a", { role: "proof" })).toEqual([]);
});

const NEUTRAL = contextOf("services: { web: {}, a: {}, logs: { traits: [environment-neutral] } }");

test("a key that two services present is shared, unless an identity says who its users are", () => {
  const keys = contextOf(`
identities: { metrics: { key: AKIAMETRICS, usedBy: [web, a] } }
services: { web: {}, a: {}, pay: {}, edge: { traits: [gateway] } }
`);
  const shared = (fields: Parameters<typeof token>[0], ...pairs: Parameters<typeof presentationOf>[0]) =>
    toldOfPresentation(presentationOf(pairs, token({ format: "key", ...fields })), keys);
  const both = [pair("web", "pay"), pair("a", "pay")];
  expect(shared({}, ...both)).toEqual(["shared-static-secret high"]);
  expect(shared({ format: "basic" }, ...both)).toEqual(["shared-static-secret high"]);
  expect(shared({ keyId: "AKIAMETRICS" }, ...both)).toEqual([]);
  expect(shared({}, pair("web", "pay"), pair("web", "a"))).toEqual([]);
  expect(shared({}, pair("web", "a"), pair("a", "pay", relayed))).toEqual([]);
  expect(shared({}, pair("web", "pay"), pair("edge", "pay"))).toEqual([]);
  expect(shared({ quality: "placeholder" }, ...both)).toEqual([]);
  expect(shared({}, pair("x", "y"), pair("z", "y"))).toEqual([]);
});

test("a person's token that nobody's call made a service present was stored", () => {
  const job = contextOf(`services: { job: { calls: { pay: {}, mail: { ${PASS} } } } }, pay: {}, mail: {} }`);
  const user = token({ subjectKind: "user", client: "spa" });
  const presented = (recipient: string, fields: Partial<PresentationPair> = {}, expiresAtS: number | null = null) => ({
    ...presentationOf([pair("job", recipient, { isAutomated: true, ...fields })], user),
    expiresAtS,
  });
  const [found] = judgePresentation(presented("pay"), job);
  expect(found?.finding).toMatchObject({
    rule: "stored-user-token-in-automation",
    severity: "medium",
    keyFields: [CORP, "spa", "job"],
  });
  expect(toldOfPresentation(presented("pay", { isAutomated: false }), job)).toEqual([]);
  expect(toldOfPresentation(presentationOf([pair("job", "pay", { isAutomated: true })], token({})), job)).toEqual([]);
  expect(toldOfPresentation(presented("mail"), job)).toEqual([]);
  expect(toldOfPresentation(presented("mail", { firstMs: 9_000 }, 10), job)).toEqual([]);
  expect(toldOfPresentation(presented("mail", { firstMs: 11_000 }, 10), job)).toEqual([
    "stored-user-token-in-automation medium",
  ]);
});

test("a token that leaves for an external host is counted among its recipients", () => {
  const away = contextOf(`
services: { web: { calls: { a: { token: { mode: own } }, stripe: { token: { mode: own } } } }, a: {} }
externals: { stripe: { hosts: [api.stripe.com] } }
`);
  const pairs = [pair("web", "a"), { ...pair("web", "x"), recipient: external("api.stripe.com") }];
  expect(toldOfPresentation(presentationOf(pairs, token({ audiences: ["a"] })), away)).toEqual([
    "token-fan-out medium",
  ]);
});
