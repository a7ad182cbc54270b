import fc from "fast-check";
import { expect, test } from "vitest";
import { seedBaseline } from "../src/declare/seed-baseline.ts";
import type { Baseline } from "../src/model/baseline.ts";
import { shuffle } from "./support/assemble.ts";
import { drawSpans } from "./support/draw.ts";
import { type Arrival, baselineOf, type Outcome, runPipeline } from "./support/pipeline.ts";

const SHOP = baselineOf(`
services:
  a:
    calls:
      b: { operations: ["GET /one"], token: { mode: own, audiences: [b-api] } }
  b:
    criticality: critical
    accepts: [{ issuer: "https://id.example", audiences: [b-api] }]
    callers: [a]
    calls: { c: { token: { mode: passthrough, audiences: [b-api], reason: "c acts for the user" } } }
  c:
    accepts: [{ issuer: "https://id.example", audiences: [c-api] }]
forbidden:
  - { match: { caller: a, callee: c }, reason: "through b only" }
`);

const SPANS_MAX = 7;
const name = fc.constantFrom("a", "b", "c", "d");

/** The half of a call that a span of some kind tells, as in a drawing. */
const attributes = fc
  .record({
    operation: fc.constantFrom(
      "",
      "http.request.method=GET, http.route=/one",
      "http.request.method=GET, http.route=/two",
    ),
    peer: fc.oneof(
      fc.constant(""),
      name.map((peer) => `peer=${peer}`),
      fc.constant("server.address=api.stripe.com"),
      fc.constant("server.address=orders, server.port=8080"),
    ),
    status: fc.constantFrom("", "http.response.status_code=200", "http.response.status_code=403"),
    token: fc.constantFrom(
      "",
      "fp=one, aud=b-api, iss=https://id.example",
      "fp=two, aud=c-api, iss=https://id.example",
    ),
    client: fc.constantFrom("", "client.address=8.8.8.8"),
    proxy: fc.constantFrom("", "component=proxy"),
  })
  .map((parts) =>
    Object.values(parts)
      .filter((part) => part !== "")
      .join(", "),
  );

const kind = fc.constantFrom("C", "C", "S", "S", "P", "K", "I");
const link = fc.constantFrom("", "", "", " ~1", " ~2", " ~1@2");
const trace = fc.constantFrom("1", "1", "2");
const threshold = fc.constantFrom("", "", " th:8", " th:c", " th:e666");
const span = fc.record({ service: name, kind, parent: fc.nat(SPANS_MAX + 1), trace, link, attributes, threshold });

/** Traces on lines; a parent is an earlier span of the same trace, or one that never comes, or there is none. */
const drawing = fc.array(span, { minLength: 1, maxLength: SPANS_MAX }).map((spans) =>
  spans.map((each, index) => {
    const parent = parentOf(each.parent, spans.slice(0, index), each.trace);
    return `${each.service} ${each.kind}#${index + 1}${parent}@${each.trace}${each.link} {${each.attributes}}${each.threshold}`;
  }),
);

function parentOf(choice: number, before: readonly { readonly trace: string }[], trace: string): string {
  if (choice === SPANS_MAX) return "<99";
  return before[choice]?.trace === trace ? `<${choice + 1}` : "";
}

const seed = fc.integer({ min: 1, max: 1_000_000 });
/** Some arrivals come after guesses were made for those before them. */
const pauses = fc.array(fc.constantFrom(0, 0, 20_000), { minLength: SPANS_MAX, maxLength: SPANS_MAX });

function arrive(lines: readonly string[], pauseList: readonly number[] = []): Arrival[] {
  return lines.map((line, index) => ({ spans: drawSpans(line), afterMs: pauseList[index] ?? 0 }));
}

/** What must not depend on how the spans came: first and last seen may overstate, and what was retracted is history. */
function essence({ edges, proxiedEdges, alerts }: Outcome) {
  return {
    edges: [...edges, ...proxiedEdges].map(({ firstSeen: _, lastSeen: __, ...edge }) => edge),
    open: alerts
      .filter(({ status }) => status === "open")
      .map(({ key, finding, count }) => ({ key, rule: finding.rule, count })),
  };
}

function sortedEssence(outcome: Outcome) {
  const { edges, open } = essence(outcome);
  return { edges, open: open.toSorted((one, other) => (one.key < other.key ? -1 : 1)) };
}

test("neither the order of arrival nor pauses change edges, counts or alerts", async () => {
  await fc.assert(
    fc.asyncProperty(drawing, seed, pauses, async (lines, order, gaps) => {
      const inOrder = sortedEssence(await runPipeline(arrive(lines), SHOP));
      expect(sortedEssence(await runPipeline(arrive(shuffle(lines, order)), SHOP))).toEqual(inOrder);
      expect(sortedEssence(await runPipeline(arrive(shuffle(lines, order), gaps), SHOP))).toEqual(inOrder);
    }),
    { numRuns: 150 },
  );
});

test("an export that comes twice changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(drawing, seed, pauses, async (lines, order, gaps) => {
      const once = await runPipeline(arrive(lines), SHOP);
      const twice = await runPipeline(arrive(shuffle([...lines, ...lines], order), gaps), SHOP);
      expect(sortedEssence(twice)).toEqual(sortedEssence(once));
    }),
    { numRuns: 100 },
  );
});

test("what a seeded baseline declares is not undeclared", async () => {
  await fc.assert(
    fc.asyncProperty(drawing, seed, async (lines, order) => {
      const { edges } = await runPipeline(arrive(lines));
      const { text, leftOut } = seedBaseline({ edges, name: "seeded" });
      const { alerts } = await runPipeline(arrive(shuffle(lines, order)), seeded(text));
      const undeclared = alerts.filter(({ finding }) => isAboutCalls(finding.rule));
      const isLeftOut = ({ caller, callee }: Outcome["alerts"][number]["finding"]) =>
        leftOut.some((sentence) => sentence.startsWith(`"${caller}" -> "${callee}"`));
      expect(undeclared.filter(({ finding }) => !isLeftOut(finding)).map(({ finding }) => finding.summary)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

function isAboutCalls(rule: string): boolean {
  return rule === "undeclared-call" || rule === "undeclared-operation";
}

function seeded(text: string): Baseline {
  return baselineOf(text.replace(/^.*\bapiVersion: .*$|^kind: .*$/gmu, ""));
}

test("a token that is used after its pod has ended is one alert, until an exception allows it", async () => {
  const uid = (pod: number) => `0a1b2c3${pod}-1111-4222-8333-444455556666`;
  // The spans' clock is the collector's.
  const at = (minute: number) =>
    `[k8s.pod.uid=${uid(minute < 20 ? 1 : 2)}, k8s.node.name=n1] +${13_046_400 + minute * 60}`;
  const minutes = Array.from({ length: 40 }, (_, minute) => drawSpans(`a I#9@m${minute} ${at(minute)}`));
  const token = `fp=one, trustdrift.credential.authorization.token.pod=${uid(1)}, http.response.status_code=200`;
  const theft = (trace: string) =>
    drawSpans(`a C#1@${trace} ${at(30)}; b S#2<1@${trace} {${token}} [service.name=b] ${at(30)}`);
  const declared =
    "services:\n  a: { calls: { b: {} } }\n  b: { owner: me }\nowners: { me: { contact: me@shop.example } }\n";
  const match = "match: { rule: token-outlives-workload, caller: a }";
  const excepting = `${declared}exceptions: [{ id: EX-1, ${match}, reason: a cache, owner: me, expires: "2026-07-01" }]\n`;
  const arrivals: readonly Arrival[] = [
    ...minutes.map((spans) => ({ spans, afterMs: 60_000 })),
    { spans: [...theft("x"), ...theft("y")] },
    { spans: [], afterMs: 660_000 },
  ];
  const { alerts } = await runPipeline(arrivals, baselineOf(declared));
  expect(alerts).toMatchObject([
    { status: "open", count: 2, finding: { rule: "token-outlives-workload", severity: "high" } },
  ]);
  const later = [...arrivals, { spans: [], baseline: baselineOf(excepting) }];
  expect((await runPipeline(later, baselineOf(declared))).alerts).toMatchObject([{ status: "excepted" }]);
});
