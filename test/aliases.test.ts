import { expect, test } from "vitest";
import { buildRooms } from "../src/build-rooms.ts";
import { seedBaseline } from "../src/declare/seed-baseline.ts";
import { conclude, ingest } from "../src/pipeline.ts";
import { permutations } from "./support/assemble.ts";
import { drawSpans, requestOf } from "./support/draw.ts";
import { encodeRequest } from "./support/otlp.ts";
import { baselineOf, createPipeline, type Outcome, runPipeline } from "./support/pipeline.ts";

// Situation 54 of docs/conformance.md, from spans to edges and alerts.

const ORDERS = "{server.address=orders, server.port=8080}";
const ANSWERED = `web C#1<9@1 ${ORDERS}; orders-svc S#2<1@1`;
const UNANSWERED = `a C#3<9@2 ${ORDERS}`;
const ELSEWHERE = `web C#4<9@3 ${ORDERS}; cart S#5<4@3`;
const DECLARED = baselineOf(
  "services: { a: { calls: { orders-svc: {} } }, web: { calls: { orders-svc: {}, cart: {} } }, orders-svc: {}, cart: {} }",
);

function describe({ edges, alerts }: Outcome): string[] {
  const open = alerts.filter(({ status }) => status === "open");
  return [
    ...edges.map(({ caller, callee, confidence, count }) => `${caller} -> ${callee} ${confidence} ${count}`),
    ...open.map(({ finding, count }) => `${finding.rule} ${finding.callee} ${count}`),
  ].sort();
}

/** Whatever comes first, also where a guess is judged long before the address is learned. */
async function checkInAnyOrder(drawings: readonly string[], expected: readonly string[]): Promise<void> {
  for (const ordered of permutations(drawings)) {
    for (const afterMs of [0, 20_000]) {
      const arrivals = ordered.map((drawing) => ({ spans: drawSpans(drawing), afterMs }));
      expect(describe(await runPipeline(arrivals, DECLARED)), `${ordered.join(" / ")} after ${afterMs}`).toEqual(
        expected,
      );
    }
  }
}

test("54: a call to a learned address is a declared call to its service, whatever is seen first", async () => {
  await checkInAnyOrder([UNANSWERED, ANSWERED], ["a -> orders-svc alias 1", "web -> orders-svc paired 1"]);
});

test("54: an address that two services answer for is none, whatever is seen first", async () => {
  await checkInAnyOrder(
    [UNANSWERED, ANSWERED, ELSEWHERE],
    [
      "a -> orders:8080 peer 1",
      "undeclared-call orders 1",
      "unknown-service orders 1",
      "web -> cart paired 1",
      "web -> orders-svc paired 1",
    ],
  );
});

test("54: an alert about an address that is then learned closes as retracted, with nothing left of it", async () => {
  const arrivals = [{ spans: drawSpans(UNANSWERED) }, { spans: drawSpans(ANSWERED), afterMs: 20_000 }];
  const { alerts } = await runPipeline(arrivals, DECLARED);
  expect(alerts.map(({ finding, status, statusReason, count }) => [finding.rule, status, statusReason, count])).toEqual(
    expect.arrayContaining([["undeclared-call", "resolved", "retracted", 0]]),
  );
});

test("54: what was learned is known after a restart, before any span", async () => {
  const { rooms, store } = createPipeline(DECLARED);
  ingest({ bytes: encodeRequest(requestOf(drawSpans(ANSWERED))), encoding: "protobuf" }, rooms, 0);
  await store.commit(conclude(rooms, 60_000));
  const { aliases } = await store.graph({ fromMs: null, toMs: null });
  const fingerprintKey = { id: "test", bytes: new Uint8Array(32).fill(7) };
  const options = { baseline: DECLARED, fingerprintKey, alerts: [], shapes: await store.shapes(), assembler: {} };
  const alertsAfter = (known: typeof aliases): number => {
    const next = buildRooms({ ...options, aliases: known });
    ingest({ bytes: encodeRequest(requestOf(drawSpans(UNANSWERED))), encoding: "protobuf" }, next, 100_000);
    return conclude(next, 160_000).alerts.length;
  };
  expect(alertsAfter(aliases)).toBe(0);
  expect(alertsAfter([])).toBeGreaterThan(0);
  store.close();
});

test("54: a seeded baseline names the service, and the address is then no drift", async () => {
  const arrivals = [{ spans: drawSpans(`${ANSWERED}; ${UNANSWERED}`) }];
  const { edges } = await runPipeline(arrivals);
  const { text, leftOut } = seedBaseline({ edges, name: "seeded" });
  expect(leftOut).toEqual([]);
  expect(text).not.toContain("8080");
  const seeded = baselineOf(text.replace(/^.*\bapiVersion: .*$|^kind: .*$/gmu, ""));
  expect(seeded.services.get("a")?.calls.map(({ callee }) => callee.text)).toEqual(["orders-svc"]);
  expect((await runPipeline(arrivals, seeded)).alerts).toEqual([]);
});
