import { expect, test } from "vitest";
import { createJudgeContext } from "../../src/judge/judge-context.ts";
import { Verdicts } from "../../src/judge/verdicts.ts";
import type { NewShape, ServiceSighting } from "../../src/model/facts.ts";
import type { FindingHit, RuleId } from "../../src/model/finding.ts";
import { EMPTY_COMMIT } from "../../src/model/store.ts";
import { contextOf, EVIDENCE, service, shapeOf, token } from "./support.ts";

const HOUR_MS = 3_600_000;
/** The month in which nothing happens yet. */
const START_MS = Date.UTC(2026, 4, 1);
const NOW_MS = Date.UTC(2026, 5, 15, 12);
/** The exception has just ended. */
const ENDED_MS = Date.UTC(2026, 5, 20);
const SHOP = "services: { batch: {}, orders: {}, web: {}, stock: {} }\nowners: { me: { contact: me@shop.example } }\n";

/** A baseline at a time, with an exception for one rule and whoever a match names where one is given. */
function shop(rule: RuleId | null, match = "", atMs = NOW_MS, learned = contextOf(SHOP).learned) {
  const exception = `{ id: EX-1, match: { rule: ${rule}, ${match} }, reason: a move, owner: me, created: "2026-06-01", expires: "2026-06-19" }`;
  const { baseline } = contextOf(rule === null ? SHOP : `${SHOP}exceptions: [${exception}]\n`);
  return createJudgeContext(baseline, learned, atMs);
}

type Sent = Pick<ServiceSighting, "service" | "spanCount" | "inboundCount" | "inboundCredentialCount">;

/** So many hours in which both services send, or what of it they do; they end then. */
function hear(
  verdicts: Verdicts,
  nowMs: number,
  hours: number,
  sent: (hour: number) => readonly Sent[],
): readonly FindingHit[] {
  for (let hour = 0; hour < hours; hour++) {
    const rest = { environment: "prod", runtime: null, release: null, outboundCount: 0, outboundCredentialCount: 0 };
    const seenMs = nowMs - (hours - hour) * HOUR_MS + 1;
    verdicts.judge({ ...EMPTY_COMMIT, services: sent(hour).map((each) => ({ ...rest, ...each, seenMs })) });
  }
  return verdicts.pass(nowMs);
}

const spans = (name: string, spanCount: number, inboundCredentialCount = 0): Sent => {
  return { service: name, spanCount, inboundCount: spanCount, inboundCredentialCount };
};

/** A shape that is seen at a time. */
function see(verdicts: Verdicts, callee: string, atMs: number): readonly FindingHit[] {
  const credential = token({ client: "nightly", subjectKind: "service" });
  const shape = shapeOf({ key: callee, caller: service("batch"), callee: service(callee), credential });
  const found: NewShape = { shape, confidence: "paired", evidence: { ...EVIDENCE, atMs } };
  const times = { firstSeenMs: atMs, lastSeenMs: atMs, evidence: EVIDENCE };
  const count = { shapeKey: callee, confidence: "paired", count: 1, estimated: 1, ...times } as const;
  return verdicts.judge({ ...EMPTY_COMMIT, newShapes: [found], counts: [count] });
}

function grow(verdicts: Verdicts, nowMs = NOW_MS): readonly FindingHit[] {
  verdicts.observedSince(START_MS);
  return ["orders", "web", "stock"].flatMap((callee, days) => see(verdicts, callee, days === 0 ? START_MS : nowMs));
}

function comeBack(verdicts: Verdicts, nowMs: number): readonly FindingHit[] {
  return [START_MS, nowMs].flatMap((atMs) => see(verdicts, "orders", atMs));
}

const WEEK = 168;
type Happen = (verdicts: Verdicts, nowMs: number) => readonly FindingHit[];
const CASES: readonly (readonly [RuleId, string, Happen])[] = [
  ["telemetry-silent", "service: batch", (verdicts, nowMs) => hear(verdicts, nowMs, WEEK + 2, silentFrom(WEEK))],
  ["telemetry-thinned", "callee: batch", (verdicts, nowMs) => hear(verdicts, nowMs, WEEK + 3, silentFrom(WEEK, 99))],
  [
    "credential-visibility-lost",
    "service: batch",
    (verdicts, nowMs) => hear(verdicts, nowMs, WEEK + 24, blindFrom(WEEK)),
  ],
  ["blast-radius-increase", "caller: batch", grow],
  ["dormant-identity-reactivated", "identity: nightly", comeBack],
];

function silentFrom(last: number, left = 0): (hour: number) => readonly Sent[] {
  return (hour) => [
    spans("orders", 1_000),
    ...(hour < last || left > 0 ? [spans("batch", hour < last ? 1_000 : left)] : []),
  ];
}

function blindFrom(last: number): (hour: number) => readonly Sent[] {
  return (hour) => [spans("batch", 1_000, hour < last ? 500 : 0), spans("orders", 1_000)];
}

/** The verdicts of a rule's findings, and of an ended exception's. */
function verdictsOf(hits: readonly FindingHit[], rule: RuleId): readonly string[] {
  const told = hits
    .map(({ finding }) => finding)
    .filter((finding) => [rule, "exception-expired"].includes(finding.rule));
  return [...new Set(told.map((finding) => `${finding.rule} ${finding.verdict}`))];
}

function firstOf(hits: readonly FindingHit[], rule: RuleId): FindingHit {
  const hit = hits.find(({ finding }) => finding.rule === rule);
  if (hit === undefined) throw new Error(`expected a finding of ${rule}`);
  return hit;
}

test.each(CASES)("%s is recorded and not raised while an exception allows it", (rule, match, happen) => {
  expect(verdictsOf(happen(new Verdicts(shop(rule, match)), NOW_MS), rule)).toEqual([`${rule} declared-exception`]);
  expect(verdictsOf(happen(new Verdicts(shop(rule, match.replace(/\w+$/u, "stock"))), NOW_MS), rule)).toEqual([
    `${rule} violation`,
  ]);
});

test.each(CASES)(
  "%s that was raised is excepted by a new baseline, and raised again without it",
  (rule, match, happen) => {
    const verdicts = new Verdicts(shop(null));
    const { finding } = firstOf(happen(verdicts, NOW_MS), rule);
    expect([verdicts.stands(finding), verdicts.exceptionOf(finding)]).toEqual([true, null]);
    const { learned } = verdicts;
    expect(verdictsOf(verdicts.rejudge(shop(rule, match, NOW_MS, learned), NOW_MS), rule)).toEqual([
      `${rule} declared-exception`,
    ]);
    expect(verdicts.exceptionOf(finding)).toBe("EX-1");
    expect(verdictsOf(verdicts.rejudge(shop(null, "", NOW_MS, learned), NOW_MS), rule)).toEqual([`${rule} violation`]);
    expect([verdicts.stands(finding), verdicts.exceptionOf(finding)]).toEqual([true, null]);
  },
);

test.each(CASES)("%s under an exception that has ended is told as that", (rule, match, happen) => {
  const hits = happen(new Verdicts(shop(rule, match, ENDED_MS)), ENDED_MS + HOUR_MS);
  expect(verdictsOf(hits, rule)).toEqual(["exception-expired violation"]);
});

test("what was seen while it was allowed is no news when the exception ends", () => {
  const verdicts = new Verdicts(shop("blast-radius-increase", "caller: batch"));
  grow(verdicts);
  const ended = shop("blast-radius-increase", "caller: batch", ENDED_MS, verdicts.learned);
  expect(verdictsOf(verdicts.rejudge(ended, ENDED_MS), "blast-radius-increase")).toEqual([]);
});

test("a reach that is declared afterwards is accepted", () => {
  const verdicts = new Verdicts(shop(null));
  const { finding } = firstOf(grow(verdicts), "blast-radius-increase");
  const { baseline } = contextOf(SHOP.replace("batch: {}", "batch: { calls: { web: {} } }"));
  verdicts.rejudge(createJudgeContext(baseline, verdicts.learned, NOW_MS), NOW_MS);
  expect(verdicts.stands(finding)).toBe(false);
});

test("reach that grew further is one finding, and counts what it had counted", () => {
  const verdicts = new Verdicts(
    createJudgeContext(contextOf(`${SHOP}`.replace("web: {}", "web: {}, bin: {}")).baseline),
  );
  const hits = [...grow(verdicts), ...see(verdicts, "bin", NOW_MS)].filter(
    ({ finding }) => finding.rule === "blast-radius-increase" && finding.keyFields[0] === "service",
  );
  expect(hits.map(({ count, finding }) => `${count} ${finding.summary}`)).toEqual([
    "1 batch reached 1 services, and 2 more within a day: stock, web",
    "1 batch reached 1 services, and 3 more within a day: bin, stock, web",
  ]);
});
