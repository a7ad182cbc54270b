import { expect, test } from "vitest";
import type { JudgeContext } from "../../src/judge/judge-context.ts";
import { Verdicts } from "../../src/judge/verdicts.ts";
import type { ServiceSighting } from "../../src/model/facts.ts";
import { EMPTY_COMMIT } from "../../src/model/store.ts";
import { contextOf } from "./support.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 5, 1);
const SHOP = contextOf(`
services:
  cart: { aliases: [cartservice] }
  orders: { criticality: critical }
  old: { lifecycle: { state: retired, since: "2026-01-01" } }
`);

type Sent = Partial<Pick<ServiceSighting, "spanCount" | "inboundCount" | "inboundCredentialCount" | "service">>;

function sighting(hour: number, sent: Sent): ServiceSighting {
  return {
    environment: "prod",
    service: "cart",
    runtime: null,
    release: null,
    spanCount: 1_000,
    inboundCount: 0,
    inboundCredentialCount: 0,
    outboundCount: 0,
    outboundCredentialCount: 0,
    seenMs: START_MS + hour * HOUR_MS + 1,
    ...sent,
  };
}

/** What is found at the beginning of an hour, after so many of them in which services sent what `each` says. */
function foundAfter(
  hours: number,
  each: (hour: number) => readonly Sent[],
  context: JudgeContext = SHOP,
): readonly string[] {
  const verdicts = new Verdicts(context);
  for (let hour = 0; hour < hours; hour++) {
    const services = each(hour).map((sent) => sighting(hour, sent));
    verdicts.judge({ ...EMPTY_COMMIT, services });
  }
  return verdicts
    .pass(START_MS + hours * HOUR_MS)
    .map(({ finding, count }) => `${finding.rule} ${finding.severity} ${finding.callee} ${count}`);
}

const OTHER: Sent = { service: "orders" };
const WEEK = 168;

test("a service that fell silent while others are heard is told of", () => {
  const until =
    (last: number, sent: Sent = {}) =>
    (hour: number) =>
      hour < last ? [sent, OTHER] : [OTHER];
  expect(foundAfter(WEEK + 2, until(WEEK))).toEqual(["telemetry-silent low cart 1"]);
  expect(foundAfter(WEEK + 20, until(WEEK))).toEqual(["telemetry-silent low cart 1"]);
  expect(foundAfter(WEEK + 2, (hour) => (hour < WEEK ? [{}, OTHER] : [{}]))).toEqual([
    "telemetry-silent medium orders 1",
  ]);
  expect(foundAfter(WEEK + 2, until(WEEK, { service: "cartservice" }))).toEqual(["telemetry-silent low cart 1"]);
});

test("silence is said of once an hour and no oftener", () => {
  const verdicts = new Verdicts(SHOP);
  for (let hour = 0; hour < WEEK + 2; hour++) {
    const services = [sighting(hour, OTHER), ...(hour < WEEK ? [sighting(hour, {})] : [])];
    verdicts.judge({ ...EMPTY_COMMIT, services });
  }
  const nowMs = START_MS + (WEEK + 2) * HOUR_MS;
  expect([nowMs, nowMs + 60_000, nowMs + HOUR_MS - 1].map((ms) => verdicts.pass(ms).length)).toEqual([1, 0, 0]);
});

test("one silent hour, a young service, one that comes and goes, a retired one and an undeclared one are not silent", () => {
  const until =
    (last: number, sent: Sent = {}) =>
    (hour: number) =>
      hour < last ? [sent, OTHER] : [OTHER];
  expect(foundAfter(WEEK + 1, until(WEEK))).toEqual([]);
  expect(foundAfter(100, until(98))).toEqual([]);
  expect(foundAfter(WEEK + 2, (hour) => (hour < WEEK && hour % 10 > 0 ? [{}, OTHER] : [OTHER]))).toEqual([]);
  expect(foundAfter(WEEK + 2, until(WEEK, { service: "old" }))).toEqual([]);
  expect(foundAfter(WEEK + 2, until(WEEK, { service: "made-up" }))).toEqual([]);
});

test("while nobody is heard, nobody is silent", () => {
  expect(foundAfter(WEEK + 5, (hour) => (hour < WEEK ? [{}, OTHER] : []))).toEqual([]);
});

test("silence that was found stands under a new baseline until the service is retired", () => {
  const verdicts = new Verdicts(SHOP);
  for (let hour = 0; hour < WEEK + 2; hour++) {
    const services = [sighting(hour, OTHER), ...(hour < WEEK ? [sighting(hour, {})] : [])];
    verdicts.judge({ ...EMPTY_COMMIT, services });
  }
  const nowMs = START_MS + (WEEK + 2) * HOUR_MS;
  const [found] = verdicts.pass(nowMs);
  if (found === undefined) throw new Error("expected a finding");
  verdicts.rejudge(contextOf("services: { cart: { owner: me }, orders: {} }\nowners: { me: {} }"), nowMs);
  expect(verdicts.stands(found.finding)).toBe(true);
  verdicts.rejudge(contextOf('services: { cart: { lifecycle: { state: retired, since: "2026-06-08" } } }'), nowMs);
  expect(verdicts.stands(found.finding)).toBe(false);
});

test("hours that an earlier run counted are part of the week", () => {
  const verdicts = new Verdicts(SHOP);
  const services = Array.from({ length: WEEK }, (_, hour) => [sighting(hour, {}), sighting(hour, OTHER)]).flat();
  verdicts.recall([], { services });
  verdicts.judge({ ...EMPTY_COMMIT, services: [WEEK, WEEK + 1].map((hour) => sighting(hour, OTHER)) });
  const hits = verdicts.pass(START_MS + (WEEK + 2) * HOUR_MS);
  expect(hits.map(({ finding }) => finding.rule)).toEqual(["telemetry-silent"]);
});

const thinFrom =
  (from: number, spanCount: number, usual = 1_000) =>
  (hour: number) => {
    return [{ spanCount: hour < from ? usual : spanCount }, OTHER];
  };

test("a tenth of the spans for three hours is thin", () => {
  expect(foundAfter(WEEK + 3, thinFrom(WEEK, 99))).toEqual(["telemetry-thinned low cart 1"]);
});

test("two hours, a tenth and no less, few spans, and what happens every night are not thin", () => {
  expect(foundAfter(WEEK + 2, thinFrom(WEEK, 99))).toEqual([]);
  expect(foundAfter(WEEK + 3, thinFrom(WEEK, 100))).toEqual([]);
  expect(foundAfter(WEEK + 3, thinFrom(WEEK, 1, 99))).toEqual([]);
  expect(foundAfter(WEEK + 6, (hour) => [{ spanCount: hour % 24 < 6 ? 10 : 1_000 }, OTHER])).toEqual([]);
  expect(foundAfter(150, thinFrom(147, 99))).toEqual([]);
});

test("twenty times the busiest hour of the week is a flood", () => {
  const flood = (spanCount: number, usual: number) => thinFrom(WEEK, spanCount, usual);
  expect(foundAfter(WEEK + 1, flood(400_020, 20_000))).toEqual(["telemetry-flood low cart 1"]);
  expect(foundAfter(WEEK + 1, flood(400_000, 20_000))).toEqual([]);
  expect(foundAfter(WEEK + 1, flood(359_999, 1_000))).toEqual([]);
  expect(foundAfter(101, thinFrom(100, 400_020, 20_000))).toEqual([]);
});

/** Calls of an hour, some of them with a credential. */
const called = (inboundCount: number, inboundCredentialCount: number): Sent => ({
  inboundCount,
  inboundCredentialCount,
});

test("credentials that showed every day and no longer do are lost", () => {
  const lost = (hour: number) => [called(10, hour < WEEK ? 5 : 0), OTHER];
  expect(foundAfter(WEEK + 24, lost)).toEqual(["credential-visibility-lost low cart 1"]);
});

test("one credential, few calls, less than a day, a day without any before, and rare credentials are no loss", () => {
  expect(foundAfter(WEEK + 24, (hour) => [called(10, hour < WEEK || hour === WEEK + 3 ? 5 : 0), OTHER])).toEqual([]);
  expect(foundAfter(WEEK + 24, (hour) => [called(4, hour < WEEK ? 2 : 0), OTHER])).toEqual([]);
  expect(foundAfter(WEEK + 20, (hour) => [called(10, hour < WEEK ? 5 : 0), OTHER])).toEqual([]);
  const weekend = (hour: number) => [called(10, hour < WEEK && Math.floor(hour / 24) !== 3 ? 5 : 0), OTHER];
  expect(foundAfter(WEEK + 24, weekend)).toEqual([]);
  expect(foundAfter(WEEK + 24, (hour) => [called(100, hour < WEEK ? 9 : 0), OTHER])).toEqual([]);
});
