import { expect, test } from "vitest";
import { createLoad, type Load, type LoadPlan, SPANS_A_REQUEST } from "../../bench/load.ts";
import { LoadRing } from "../../bench/load-ring.ts";
import { parseFleetBaseline } from "../../bench/stage-run.ts";
import { buildRooms } from "../../src/build-rooms.ts";
import type { CommitBatch } from "../../src/model/store.ts";
import { conclude, ingest, type Rooms } from "../../src/pipeline.ts";

const SETTLE_MS = 1_000;
const plan: LoadPlan = { seed: 1, spans: 20_000 };
const load = createLoad(plan);
/** Requests of several services' batches, as a gateway sends them, so that there is a little of each service. */
const small: LoadPlan = { seed: 1, spans: 3_000, spansABatch: 32 };

test("a seed fixes every byte of the load", () => {
  expect(bytesOf(createLoad(plan)).equals(bytesOf(load))).toBe(true);
  expect(bytesOf(createLoad({ ...plan, seed: 2 })).equals(bytesOf(load))).toBe(false);
});

test("a span is about 580 bytes, and half of the hops show a token", () => {
  expect(load.bytesASpan).toBeGreaterThan(520);
  expect(load.bytesASpan).toBeLessThan(640);
  const { counts } = takeRounds(load, 1).facts;
  const withToken = counts.filter(({ evidence }) => evidence.fingerprint !== null);
  const hops = counts.filter(({ confidence }) => confidence === "paired");
  expect(sumOf(withToken) / sumOf(hops)).toBeGreaterThan(0.4);
  expect(sumOf(withToken) / sumOf(hops)).toBeLessThan(0.6);
});

test.for<[string, Partial<LoadPlan>]>([
  ["with digests", {}],
  ["with raw headers", { tokens: "raw" }],
  ["with a new token a call", { tokens: "new" }],
  ["in JSON", { isJson: true, tokens: "new" }],
  ["from many services a request", { services: 200, callsAService: 6, spansABatch: 16, spans: 6_000 }],
])("what the fleet does is declared, %s: every hop pairs, nothing is a finding", ([, changes]) => {
  const { facts, rooms } = takeRounds(createLoad({ ...small, ...changes }), 1, changes.isJson);
  expect(facts.alerts).toEqual([]);
  expect(rooms.assembler.figures()).toMatchObject({ unseenCallersTotal: 0, unresolvedOut: 0, overflowed: 0 });
});

test.for([false, true])("a round sent again is new traces, not duplicates (JSON: %s)", (isJson) => {
  const rounds = createLoad({ ...small, isJson });
  const { rooms } = takeRounds(rounds, 3, isJson);
  const spans = 3 * rounds.requests.length * SPANS_A_REQUEST;
  expect(rooms.assembler.figures()).toMatchObject({ spans, duplicates: 0 });
});

test("raw tokens are the same ones round after round; new ones never are", () => {
  expect(fingerprints("raw", 1)).toEqual(fingerprints("raw", 2));
  expect(fingerprints("new", 1)).not.toEqual(fingerprints("new", 2));
});

test("bytes that are still being sent are not changed", () => {
  const ring = new LoadRing(load.requests.slice(0, 1));
  const first = ring.next();
  const sent = Buffer.from(first.frame);
  expect(ring.next().frame.equals(sent)).toBe(false);
  expect(first.frame.equals(sent)).toBe(true);
});

function bytesOf({ requests }: Load): Buffer {
  const ring = new LoadRing(requests);
  return Buffer.concat(requests.map(() => ring.next().body));
}

/** The last round's fingerprints. */
function fingerprints(tokens: "raw" | "new", rounds: number): ReadonlySet<string | null> {
  const { facts } = takeRounds(createLoad({ ...small, tokens }), rounds);
  return new Set(facts.counts.map(({ evidence }) => evidence.fingerprint));
}

/** Takes rounds of a load; the facts are the last round's. */
function takeRounds({ fleet, requests }: Load, rounds: number, isJson = false): { rooms: Rooms; facts: CommitBatch } {
  const fingerprintKey = { id: "bench", bytes: new Uint8Array(32) };
  const assembler = { settleMs: SETTLE_MS, windowMs: 2 * SETTLE_MS };
  const baseline = parseFleetBaseline(fleet);
  const rooms = buildRooms({ baseline, fingerprintKey, alerts: [], shapes: [], assembler });
  const ring = new LoadRing(requests);
  let facts: CommitBatch | null = null;
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < requests.length; n++) {
      const request = ring.next();
      const { rejected } = ingest({ bytes: request.body, encoding: isJson ? "json" : "protobuf" }, rooms, round);
      ring.release(request);
      expect(rejected.size).toBe(0);
    }
    facts = conclude(rooms, round === rounds - 1 ? SETTLE_MS + rounds : round);
  }
  if (facts === null) throw new Error("expected at least one round");
  return { rooms, facts };
}

function sumOf(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
