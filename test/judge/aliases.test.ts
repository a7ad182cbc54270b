import { expect, test } from "vitest";
import { createJudgeContext } from "../../src/judge/judge-context.ts";
import { createLearned } from "../../src/judge/learned.ts";
import { LearnedAliases } from "../../src/judge/learned-aliases.ts";
import { Verdicts } from "../../src/judge/verdicts.ts";
import { ALIAS_KEPT_MS, type AliasSighting } from "../../src/model/alias.ts";
import type { Facts, NewShape } from "../../src/model/facts.ts";
import type { FindingHit } from "../../src/model/finding.ts";
import type { Shape } from "../../src/model/graph.ts";
import { EMPTY_COMMIT } from "../../src/model/store.ts";
import {
  contextOf,
  EVIDENCE,
  external,
  judge,
  pair,
  presentationOf,
  relayOf,
  shapeOf,
  token,
  told,
} from "./support.ts";

const DAY_MS = 86_400_000;
const SHOP = `
services:
  checkout: { calls: { orders-svc: {} } }
  orders-svc: {}
  cart: {}
`;
const ADDRESS = external("orders:8080");

function taught(fields: Partial<AliasSighting> = {}): AliasSighting {
  const shown = { environment: "prod", address: "orders:8080", service: "orders-svc", count: 1 };
  return { ...shown, firstSeenMs: 0, lastSeenMs: 0, ...fields };
}

function toldOf(sightings: readonly AliasSighting[], fields: Partial<Shape> = {}, yaml = SHOP): readonly string[] {
  const context = createJudgeContext(
    contextOf(yaml).baseline,
    createLearned({ aliases: new LearnedAliases(sightings) }),
  );
  return told(judge(shapeOf({ callee: ADDRESS, ...fields }), context));
}

const UNKNOWN = ["unknown-service medium", "undeclared-call medium"];

test("a call to an address that was learned is a call to its service", () => {
  expect(toldOf([])).toEqual(UNKNOWN);
  expect(toldOf([taught()])).toEqual([]);
  expect(toldOf([taught({ service: "cart" })])).toEqual(["undeclared-call medium"]);
});

test("an address that hops do not agree about means what it meant before", () => {
  expect(toldOf([taught(), taught({ service: "cart" })])).toEqual(UNKNOWN);
});

test("what one environment showed holds for no other", () => {
  expect(toldOf([taught({ environment: "test" })])).toEqual(UNKNOWN);
});

test("a caller's address is no proof of a service", () => {
  expect(toldOf([taught({ service: "checkout" })], { caller: ADDRESS, callee: external("orders-svc") })).toEqual(
    toldOf([], { caller: ADDRESS, callee: external("orders-svc") }),
  );
});

test("a host that owners declare is what they declare, whatever answers for it", () => {
  const toStripe = { callee: external("api.stripe.com") };
  const aliases = [taught({ address: "api.stripe.com", service: "cart" })];
  const declared = SHOP.replace("orders-svc: {} }", "stripe: {} }");
  expect(toldOf(aliases, toStripe)).toEqual(["undeclared-call medium"]);
  expect(toldOf(aliases, toStripe, `${declared}externals: { stripe: { hosts: ["api.stripe.com"] } }`)).toEqual([]);
});

test("an address means its service for a week after the last hop that showed it", () => {
  const aliases = new LearnedAliases([taught()]);
  const serviceLater = (laterMs: number): string | null => {
    aliases.learn([taught({ address: "other", lastSeenMs: laterMs })]);
    return aliases.serviceOf("prod", ADDRESS);
  };
  expect(serviceLater(ALIAS_KEPT_MS - 1)).toBe("orders-svc");
  expect(serviceLater(ALIAS_KEPT_MS + DAY_MS)).toBeNull();
  expect(aliases.learn([taught({ lastSeenMs: ALIAS_KEPT_MS + DAY_MS })])).toEqual(new Set(["prod\norders:8080"]));
  expect(aliases.serviceOf("prod", ADDRESS)).toBe("orders-svc");
});

test("an address that moved means its new service once the old one was not seen for a week", () => {
  const aliases = new LearnedAliases([taught(), taught({ service: "cart", lastSeenMs: 1 })]);
  expect(aliases.serviceOf("prod", ADDRESS)).toBeNull();
  aliases.learn([taught({ service: "cart", lastSeenMs: ALIAS_KEPT_MS + DAY_MS })]);
  expect(aliases.serviceOf("prod", ADDRESS)).toBe("cart");
});

test("a hop that is taken back takes along what it alone had shown", () => {
  const aliases = new LearnedAliases([taught({ count: 2 })]);
  expect(aliases.learn([taught({ count: -1 })]).size).toBe(0);
  expect([...aliases.learn([taught({ count: -1 })])]).toEqual(["prod\norders:8080"]);
  expect(aliases.serviceOf("prod", ADDRESS)).toBeNull();
});

// What was judged before something was learned is judged again.

function facts(fields: Partial<Facts>): Facts {
  return { ...EMPTY_COMMIT, ...fields };
}

function seen(count: number, fields: Partial<Shape> = {}): Facts {
  const found: NewShape = { shape: shapeOf({ callee: ADDRESS, ...fields }), confidence: "peer", evidence: EVIDENCE };
  const { confidence, evidence } = found;
  const counted = {
    shapeKey: found.shape.key,
    confidence,
    count,
    estimated: count,
    firstSeenMs: 1,
    lastSeenMs: 2,
    evidence,
  };
  return facts({ newShapes: [found], counts: [counted] });
}

function hits(found: readonly FindingHit[]): string[] {
  return found.map(({ finding, count }) => `${finding.rule} ${finding.callee} ${count}`).sort();
}

const verdictsOf = (yaml = SHOP) => new Verdicts(contextOf(yaml));

test("what was found about an address is taken back when it is learned, and found again when it becomes unclear", () => {
  const verdicts = verdictsOf();
  const found = ["undeclared-call orders 3", "unknown-service orders 3"];
  expect(hits(verdicts.judge(seen(3)))).toEqual(found);
  const takenBack = ["undeclared-call orders -3", "unknown-service orders -3"];
  expect(hits(verdicts.judge(facts({ aliases: [taught()] })))).toEqual(takenBack);
  expect(verdicts.judge(facts({ aliases: [taught()] }))).toEqual([]);
  expect(hits(verdicts.judge(facts({ aliases: [taught({ service: "cart" })] })))).toEqual(found);
});

test("what an earlier run found about an address is taken back as well", () => {
  const verdicts = verdictsOf();
  const recalled = { ...seen(0).newShapes[0], count: 3 } as NewShape & { readonly count: number };
  verdicts.recall([recalled]);
  const takenBack = ["undeclared-call orders -3", "unknown-service orders -3"];
  expect(hits(verdicts.judge(facts({ aliases: [taught()] })))).toEqual(takenBack);
});

test("a service that is not declared for the call is drift under its own name", () => {
  const verdicts = verdictsOf();
  verdicts.judge(seen(2));
  expect(hits(verdicts.judge(facts({ aliases: [taught({ service: "cart" })] })))).toEqual([
    "undeclared-call cart 2",
    "undeclared-call orders -2",
    "unknown-service orders -2",
  ]);
});

test("what is learned in the same step is there before it is judged", () => {
  expect(verdictsOf().judge({ ...seen(1), aliases: [taught()] })).toEqual([]);
});

test("what was learned goes over to the next baseline", () => {
  const verdicts = verdictsOf("services: { checkout: { calls: { orders: {} } }, orders: {} }");
  verdicts.judge({ ...seen(1), aliases: [taught()] });
  expect(verdicts.rejudge(createJudgeContext(contextOf(SHOP).baseline, verdicts.learned), 9)).toEqual([]);
});

test("relays to an address are judged again, with all their hops", () => {
  const passthrough = "token: { mode: passthrough, reason: it acts for the user }";
  const verdicts = verdictsOf(`services: { checkout: { calls: { orders-svc: { ${passthrough} } } }, orders-svc: {} }`);
  const relayed = facts({ relays: [relayOf({ next: ADDRESS, count: 2 })] });
  expect(hits(verdicts.judge(relayed))).toEqual(["token-relayed orders 2"]);
  verdicts.judge(relayed);
  expect(hits(verdicts.judge(facts({ aliases: [taught()] })))).toEqual(["token-relayed orders -4"]);
  expect(verdicts.judge(relayed)).toEqual([]);
});

test("a relay past the audience of one service is none once the address is the service that the token is for", () => {
  const accepts = (service: string) =>
    `${service}: { accepts: [{ issuer: "https://idp.example", audiences: [${service}] }] }`;
  const verdicts = verdictsOf(`services: { checkout: {}, ${accepts("orders-svc")}, ${accepts("cart")} }`);
  const credential = token({ audiences: ["cart"] });
  const accepted = seen(1, { credential, credentialSeenBy: "callee" });
  verdicts.judge({
    ...accepted,
    relays: [relayOf({ next: ADDRESS, credential })],
    aliases: [taught()],
  });
  const later = hits(verdicts.judge(facts({ aliases: [taught({ service: "cart", lastSeenMs: 2 * ALIAS_KEPT_MS })] })));
  expect(later).toContain("token-relayed-past-audience orders-svc -1");
  expect(later.filter((hit) => hit.startsWith("audience-mismatch"))).toEqual([]);
});

test("who holds a credential is judged again: an address and its service are one holder", () => {
  const verdicts = verdictsOf();
  const presentation = presentationOf([
    { presenter: "checkout", recipient: ADDRESS, presenterRuntime: "java" },
    pair("orders-svc", "cart", { presenterRuntime: "python" }),
  ]);
  const before = hits(verdicts.judge(facts({ presentations: [presentation] })));
  expect(before.some((hit) => hit.startsWith("token-multi-presenter"))).toBe(true);
  const after = hits(verdicts.judge(facts({ aliases: [taught()] })));
  expect(after.filter((hit) => hit.startsWith("token-multi-presenter"))).toEqual([
    expect.stringMatching(/^token-multi-presenter .* -1$/),
  ]);
});
