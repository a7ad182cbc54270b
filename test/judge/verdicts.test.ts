import { expect, test } from "vitest";
import type { JudgeContext } from "../../src/judge/judge-context.ts";
import { Verdicts } from "../../src/judge/verdicts.ts";
import type { Facts, NewShape, Relay } from "../../src/model/facts.ts";
import type { Finding, FindingHit } from "../../src/model/finding.ts";
import type { Shape } from "../../src/model/graph.ts";
import { EMPTY_COMMIT } from "../../src/model/store.ts";
import {
  contextOf,
  EVIDENCE,
  pair,
  presentationOf,
  relayOf,
  service,
  shapeOf,
  token,
  WITHOUT_BASELINE,
} from "./support.ts";

const UNDECLARED = contextOf("services: { checkout: {}, payments: {} }");
const DECLARED = contextOf("services: { checkout: { calls: { payments: {} } }, payments: {} }");
const ACCEPTS = `accepts: [{ issuer: "https://idp.example", audiences: [payments-api] }]`;
const STRICT = contextOf(`services: { checkout: { calls: { payments: {} } }, payments: { ${ACCEPTS} } }`);
const RELAYING = contextOf(
  `services: { checkout: { calls: { payments: { token: { mode: passthrough, reason: "for the user" } } } }, payments: {} }`,
);
const FOREIGN = token({ audiences: ["checkout-api"] });

function newShape(fields: Partial<Shape> = {}): NewShape {
  return { shape: shapeOf(fields), confidence: "paired", evidence: EVIDENCE };
}

function facts(fields: Partial<Facts>): Facts {
  return { ...EMPTY_COMMIT, ...fields };
}

/** A shape, new or not, and so many hops of it. */
function seen(count: number, shape: NewShape = newShape()): Facts {
  const { confidence, evidence } = shape;
  const times = { firstSeenMs: 1, lastSeenMs: 2 };
  const counted = { shapeKey: shape.shape.key, confidence, count, estimated: count, ...times, evidence };
  return facts({ newShapes: [shape], counts: [counted] });
}

function told(hits: readonly FindingHit[]): string[] {
  return hits.map(({ finding, count }) => `${finding.rule} ${count}`);
}

function relay(fields: Partial<Relay> = {}): Facts {
  return facts({ relays: [relayOf({ credential: FOREIGN, ...fields })] });
}

/** What was found on pairs, as an alert would still hold it. */
function found(hits: readonly FindingHit[], rule: Finding["rule"]): Finding {
  const hit = hits.find(({ finding }) => finding.rule === rule);
  if (hit === undefined) throw new Error(`expected ${rule} among ${told(hits).join()}`);
  return hit.finding;
}

function verdictsOf(context: JudgeContext): Verdicts {
  return new Verdicts(context);
}

test("hops of a shape are hits of its findings, retracted ones with a negative count", () => {
  const verdicts = verdictsOf(UNDECLARED);
  expect(told(verdicts.judge(seen(3)))).toEqual(["undeclared-call 3"]);
  expect(told(verdicts.judge(seen(-2)))).toEqual(["undeclared-call -2"]);
});

test("an estimate that is put right without any hop is no hit", () => {
  expect(verdictsOf(UNDECLARED).judge(seen(0))).toEqual([]);
});

test("shapes of earlier runs are no hits until their traffic goes on, and need not be new for it", () => {
  const verdicts = verdictsOf(UNDECLARED);
  verdicts.recall([{ ...newShape(), count: 1 }]);
  expect(verdicts.judge(facts({}))).toEqual([]);
  expect(told(verdicts.judge({ ...seen(1), newShapes: [] }))).toEqual(["undeclared-call 1"]);
});

test("under another baseline everything is judged again, without new traffic", () => {
  const verdicts = verdictsOf(DECLARED);
  expect(verdicts.judge(seen(5))).toEqual([]);
  expect(told(verdicts.rejudge(UNDECLARED, 9))).toEqual(["undeclared-call 0"]);
  expect(verdicts.revision).toBe(UNDECLARED.baseline.revision);
  expect(verdicts.rejudge(DECLARED, 9)).toEqual([]);
});

test("shapes of earlier runs are judged again as well", () => {
  const verdicts = verdictsOf(DECLARED);
  verdicts.recall([{ ...newShape(), count: 1 }]);
  expect(told(verdicts.rejudge(UNDECLARED, 9))).toEqual(["undeclared-call 0"]);
});

test("hops that were all taken back are no drift under any baseline, until there are new ones", () => {
  const verdicts = verdictsOf(WITHOUT_BASELINE);
  verdicts.judge(seen(2));
  verdicts.judge(seen(-2));
  expect(verdicts.rejudge(UNDECLARED, 9)).toEqual([]);
  expect(told(verdicts.judge(seen(1)))).toEqual(["undeclared-call 1"]);
});

test("a finding stands as long as some shape shows it", () => {
  const verdicts = verdictsOf(UNDECLARED);
  const { finding } = verdicts.judge(seen(1))[0] ?? {};
  if (finding === undefined) throw new Error("expected a finding");
  verdicts.rejudge(UNDECLARED, 9);
  expect(verdicts.stands(finding)).toBe(true);
  verdicts.rejudge(DECLARED, 9);
  expect(verdicts.stands(finding)).toBe(false);
});

test("a relay that the baseline comes to allow no longer stands; one of an earlier run does, for it cannot be judged", () => {
  const verdicts = verdictsOf(STRICT);
  const finding = found(verdicts.judge(relay()), "token-relayed-past-audience");
  verdicts.rejudge(RELAYING, 9);
  expect(verdicts.stands(finding)).toBe(false);
  const nextRun = verdictsOf(RELAYING);
  nextRun.rejudge(RELAYING, 9);
  expect(nextRun.stands(finding)).toBe(true);
});

test("a relay past the audience takes in the mismatch of the same path and credential, before and after it", () => {
  const verdicts = verdictsOf(STRICT);
  const shape = newShape({ credential: FOREIGN, credentialSeenBy: "callee" });
  expect(told(verdicts.judge(seen(3, shape)))).toEqual(["audience-mismatch-accepted 3"]);
  expect(told(verdicts.judge(relay()))).toEqual(["token-relayed-past-audience 1", "audience-mismatch-accepted -3"]);
  expect(verdicts.judge(seen(1, shape))).toEqual([]);
  expect(told(verdicts.rejudge(STRICT, 9))).toEqual(["token-relayed-past-audience 0"]);
});

test("a relay past the audience takes in the mismatch that an earlier run found", () => {
  const verdicts = verdictsOf(STRICT);
  verdicts.recall([{ ...newShape({ credential: FOREIGN, credentialSeenBy: "callee" }), count: 3 }]);
  expect(told(verdicts.judge(relay()))).toEqual(["token-relayed-past-audience 1", "audience-mismatch-accepted -3"]);
});

test("a relay past the audience takes back nothing of a mismatch whose hops were all taken back before", () => {
  const verdicts = verdictsOf(STRICT);
  const shape = newShape({ credential: FOREIGN, credentialSeenBy: "callee" });
  verdicts.judge(seen(1, shape));
  verdicts.judge(seen(-1, shape));
  expect(told(verdicts.judge(relay()))).toEqual(["token-relayed-past-audience 1"]);
});

test("pairs of one fingerprint are judged again under another baseline", () => {
  const verdicts = verdictsOf(WITHOUT_BASELINE);
  const presentation = presentationOf([
    pair("checkout", "payments"),
    pair("mail", "payments", { presenterRuntime: "python" }),
  ]);
  expect(verdicts.judge(facts({ presentations: [presentation] }))).toEqual([]);
  expect(told(verdicts.rejudge(DECLARED, 9))).toEqual(["token-multi-presenter 0"]);
});

test("who looked like a stranger, until an earlier use of the token came, is none", () => {
  const verdicts = verdictsOf(DECLARED);
  const thief = pair("mail", "payments", { firstMs: 20 });
  const presented = (firstMs: number): Facts =>
    facts({ presentations: [presentationOf([pair("checkout", "payments", { firstMs }), thief])] });
  const [early] = verdicts.judge(presented(30));
  expect(early?.finding.caller).toBe("checkout");
  const hits = verdicts.judge(presented(10));
  expect(hits.map(({ finding, count }) => [finding.caller, count])).toEqual([
    ["mail", 2],
    ["checkout", -1],
  ]);
  expect(told(verdicts.judge(presented(10)))).toEqual(["token-multi-presenter 1"]);
});

const OWNED = contextOf(`
identities: { cart-client: { client: cart, usedBy: [cart] } }
services: { checkout: { calls: { payments: {} } }, payments: {}, cart: {} }
`);

test("a relay that was seen takes back what was found of its token's owner, and an unseen one does not", () => {
  const verdicts = verdictsOf(OWNED);
  const credential = token({ client: "cart", audiences: null, format: "opaque" });
  const shape = newShape({ credential, credentialSeenBy: "callee" });
  expect(told(verdicts.judge(seen(2, shape)))).toEqual(["client-presenter-mismatch 2"]);
  expect(told(verdicts.judge(relay({ credential })))).toEqual(["token-relayed 1", "client-presenter-mismatch -2"]);
  expect(verdicts.judge(seen(1, shape))).toEqual([]);
  expect(told(verdicts.rejudge(OWNED, 9))).toEqual(["token-relayed 0"]);
});

test("an identity that comes to be shared is found on the shapes of all who share it", () => {
  const verdicts = verdictsOf(DECLARED);
  const credential = token({ client: "batch", subjectKind: "service" });
  const first = newShape({ key: "1", credential, credentialSeenBy: "callee" });
  const second = newShape({ key: "2", credential, caller: service("refunds"), credentialSeenBy: "callee" });
  expect(verdicts.judge(seen(3, first))).toEqual([]);
  const hits = verdicts.judge(seen(1, second)).filter(({ finding }) => finding.rule === "shared-identity");
  expect(told(hits)).toEqual(["shared-identity 3", "shared-identity 1"]);
});

test("what is posture only is no hit", () => {
  const verdicts = verdictsOf(DECLARED);
  const credential = token({ slot: "api_key", format: "key", client: null });
  expect(verdicts.judge(seen(1, newShape({ credential, credentialSeenBy: "callee" })))).toEqual([]);
});
