import { expect, test } from "vitest";
import { createJudgeContext } from "../../src/judge/judge-context.ts";
import { judgeTelemetry } from "../../src/judge/judge-telemetry.ts";
import { KEPT_MAX } from "../../src/judge/told-facts.ts";
import { Verdicts } from "../../src/judge/verdicts.ts";
import type { Facts, TelemetrySighting } from "../../src/model/facts.ts";
import type { FindingHit } from "../../src/model/finding.ts";
import { EMPTY_COMMIT } from "../../src/model/store.ts";
import { contextOf, EVIDENCE, service, shapeOf, told, WITHOUT_BASELINE } from "./support.ts";

const YAML = `
senders:
  web-pods: { principal: "spiffe://shop/ns/*/sa/web", services: [web] }
  agent: { principal: "key:agent", services: ["shop/*"] }
  idle: { principal: "key:idle", services: [] }
services:
  web: { aliases: [web-canary] }
  shop/cart: { criticality: critical }
`;
const under = (attestation: string) => contextOf(`settings: { attestation: ${attestation} }\n${YAML}`);
const PREFER = under("prefer");
const REQUIRE = under("require");
const WEB = "spiffe://shop/ns/a/sa/web";

function sent(name: string, principal: string, kind: TelemetrySighting["kind"] = "sender"): TelemetrySighting {
  return { kind, environment: "prod", service: name, detail: principal, count: 1, seenMs: 0, evidence: EVIDENCE };
}

test("a sender that is known by another name is one alert a service and sender, and the baseline's line decides", () => {
  const [finding, ...more] = judgeTelemetry(sent("shop/cart", WEB), PREFER);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    rule: "unattested-service-name",
    severity: "high",
    verdict: "violation",
    confidence: "high",
    environment: "prod",
    caller: null,
    callee: "shop/cart",
    keyFields: ["shop/cart", WEB],
    summary: `${WEB}, which is web-pods and may not, sends spans as shop/cart`,
    decidedBy: { position: { line: 6 }, says: "senders.web-pods" },
  });
});

test("a sender that nobody named, or that proves nothing, says so where proofs are required", () => {
  const [nameless] = judgeTelemetry(sent("web", ""), REQUIRE);
  expect(nameless).toMatchObject({
    keyFields: ["web", ""],
    confidence: "medium",
    summary: "a sender that proves nothing sends spans as web",
    decidedBy: null,
  });
  const [unnamed] = judgeTelemetry(sent("web", "key:new"), REQUIRE);
  expect(unnamed).toMatchObject({
    keyFields: ["web", "key:new"],
    confidence: "medium",
    summary: "key:new, which no sender of the baseline is, sends spans as web",
    decidedBy: null,
  });
});

test.each([
  ["its own name", "web", WEB, PREFER],
  ["another name of its service", "web-canary", WEB, PREFER],
  ["a service that a forwarder's pattern names", "shop/cart", "key:agent", REQUIRE],
  ["a service that nobody declares", "made-up", WEB, REQUIRE],
  ["nobody's proof, where proofs are preferred", "web", "", PREFER],
  ["nobody whom the baseline names, where proofs are preferred", "web", "key:new", PREFER],
  ["another service, where senders are ignored", "shop/cart", WEB, under("ignore")],
  ["another service, without a baseline", "shop/cart", WEB, WITHOUT_BASELINE],
])("%s is no dispute", (_, name, principal, context) => {
  expect(told(judgeTelemetry(sent(name, principal), context))).toEqual([]);
});

test.each([
  ["a service outside a forwarder's pattern", "web", "key:agent", PREFER],
  ["any service, of a sender that may send for none", "web", "key:idle", PREFER],
  ["a service that its sender may not speak for, where proofs are required", "shop/cart", WEB, REQUIRE],
])("%s is disputed", (_, name, principal, context) => {
  expect(told(judgeTelemetry(sent(name, principal), context))).toEqual(["unattested-service-name high"]);
});

test("only sightings of senders are looked at", () => {
  expect(told(judgeTelemetry(sent("web", "", "untrusted-parent"), REQUIRE))).toEqual([]);
});

const LEARNING = (services: string) =>
  contextOf(`
settings: { attestation: prefer }
senders: { web-pods: { principal: "key:web", services: [${services}] } }
services:
  web: {}
  cart: { lifecycle: { state: learning, until: "2026-01-01" } }
  stock: {}
`);
const SHAPE = shapeOf({ key: "k", caller: service("cart"), callee: service("stock") });
const CALLED: Facts = {
  ...EMPTY_COMMIT,
  newShapes: [{ shape: SHAPE, confidence: "paired", evidence: EVIDENCE }],
  counts: [
    { shapeKey: "k", confidence: "paired", count: 1, estimated: 1, firstSeenMs: 1, lastSeenMs: 1, evidence: EVIDENCE },
  ],
};
const POSED: Facts = { ...EMPTY_COMMIT, telemetry: [sent("cart", "key:web")] };

/** Of each finding on the call, whether it is only proposed, and how many hops it counts. */
function proposed(hits: readonly FindingHit[]): readonly (readonly [isProposal: boolean, count: number])[] {
  const calls = hits.filter(({ finding }) => finding.rule === "undeclared-call");
  return calls.map(({ finding, count }) => [finding.isProposal === true, count]);
}

test("a learning service proposes its calls, until somebody speaks for it who may not; then they are told once more", () => {
  const verdicts = new Verdicts(LEARNING("web"));
  expect(proposed(verdicts.judge(CALLED))).toEqual([[true, 1]]);
  expect(proposed(verdicts.judge(POSED))).toEqual([[false, 0]]);
  expect(proposed(verdicts.judge(POSED))).toEqual([]);
  expect(proposed(verdicts.judge({ ...CALLED, newShapes: [] }))).toEqual([[false, 1]]);
});

test("what comes with the first span of an impostor is never proposed", () => {
  const verdicts = new Verdicts(LEARNING("web"));
  expect(proposed(verdicts.judge({ ...CALLED, telemetry: POSED.telemetry }))).toEqual([[false, 1]]);
});

test("a dispute of an earlier run is known again, and ends with a baseline that knows the sender", () => {
  const verdicts = new Verdicts(LEARNING("web"));
  verdicts.recall([{ shape: SHAPE, confidence: "paired", evidence: EVIDENCE, count: 1 }], {
    telemetry: POSED.telemetry,
  });
  expect(proposed(verdicts.judge({ ...CALLED, newShapes: [] }))).toEqual([[false, 1]]);
  const bound = LEARNING("web, cart").baseline;
  expect(proposed(verdicts.rejudge(createJudgeContext(bound, verdicts.learned), 2))).toEqual([[true, 0]]);
  const unbound = LEARNING("web").baseline;
  expect(proposed(verdicts.rejudge(createJudgeContext(unbound, verdicts.learned), 3))).toEqual([[false, 0]]);
});

test("a service whose sender is its own, or of which something else is odd, goes on proposing", () => {
  const verdicts = new Verdicts(LEARNING("web, cart"));
  const odd = [sent("cart", "key:web"), sent("cart", "http.url", "raw-credential")];
  expect(proposed(verdicts.judge({ ...CALLED, telemetry: odd }))).toEqual([[true, 1]]);
});

test("made-up names bury no dispute: it outlives them when all is judged again", () => {
  const verdicts = new Verdicts(LEARNING("web"));
  verdicts.judge(POSED);
  const telemetry = Array.from({ length: KEPT_MAX + 1 }, (_, n) => sent(`made-up-${n}`, "key:web"));
  verdicts.judge({ ...EMPTY_COMMIT, telemetry });
  const again = verdicts.rejudge(createJudgeContext(LEARNING("web").baseline, verdicts.learned), 2);
  expect(again.map(({ finding }) => finding.rule)).toContain("unattested-service-name");
  expect(proposed(verdicts.judge(CALLED))).toEqual([[false, 1]]);
});

test("an impostor's environment is what it says: proposals in others are opened as well", () => {
  const verdicts = new Verdicts(LEARNING("web"));
  verdicts.judge(CALLED);
  const elsewhere = { ...sent("cart", "key:web"), environment: "dev" };
  expect(proposed(verdicts.judge({ ...EMPTY_COMMIT, telemetry: [elsewhere] }))).toEqual([[false, 0]]);
});

test.each([
  ["2026-06-19", true],
  ["2026-05-31", false],
])("an exception until %s makes it nobody's dispute in June: %s", (expires, isProposed) => {
  const { baseline } = contextOf(`
settings: { attestation: prefer }
senders: { web-pods: { principal: "key:web", services: [web] } }
services: { web: {}, cart: { lifecycle: { state: learning, until: "2027-01-01" } }, stock: {} }
owners: { me: { contact: me@shop.example } }
exceptions:
  - { id: EX-1, match: { rule: unattested-service-name, callee: cart }, reason: a move, owner: me, created: "2026-05-01", expires: "${expires}" }
`);
  const atMs = Date.UTC(2026, 5, 15);
  const verdicts = new Verdicts(createJudgeContext(baseline, contextOf("services: {}").learned, atMs));
  verdicts.judge({ ...POSED, telemetry: [{ ...sent("cart", "key:web"), seenMs: atMs }] });
  expect(proposed(verdicts.judge(CALLED))).toEqual([[isProposed, 1]]);
});
