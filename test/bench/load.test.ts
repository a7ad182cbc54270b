import { expect, test } from "vitest";
import { declareFleet } from "../../bench/fleet.ts";
import { createLoad, type Load, SPANS_A_REQUEST, stampRound } from "../../bench/load.ts";
import { buildRooms } from "../../src/build-rooms.ts";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import { conclude, ingest, type Rooms } from "../../src/pipeline.ts";

const SPANS = 20_000;
const SETTLE_MS = 1_000;
const load = createLoad(1, SPANS);

test("a seed fixes every byte of the load", () => {
  expect(bytesOf(createLoad(1, SPANS)).equals(bytesOf(load))).toBe(true);
  expect(bytesOf(createLoad(2, SPANS)).equals(bytesOf(load))).toBe(false);
});

test("a span is about 580 bytes, and half of the hops show a token", () => {
  expect(load.bytesASpan).toBeGreaterThan(520);
  expect(load.bytesASpan).toBeLessThan(640);
  const { counts } = takeRounds(1).facts;
  const withToken = counts.filter(({ evidence }) => evidence.fingerprint !== null);
  const hops = counts.filter(({ confidence }) => confidence === "paired");
  expect(sumOf(withToken) / sumOf(hops)).toBeGreaterThan(0.4);
  expect(sumOf(withToken) / sumOf(hops)).toBeLessThan(0.6);
});

test("what the fleet does is declared: every hop pairs, nothing is a finding", () => {
  const { facts, rooms } = takeRounds(1);
  expect(facts.alerts).toEqual([]);
  expect(rooms.assembler.figures()).toMatchObject({ unseenCallersTotal: 0, unresolvedOut: 0, overflowed: 0 });
});

test("a round sent again is new traces, not duplicates", () => {
  const { rooms } = takeRounds(3);
  const spans = 3 * load.requests.length * SPANS_A_REQUEST;
  expect(rooms.assembler.figures()).toMatchObject({ spans, duplicates: 0 });
});

function bytesOf({ requests }: Load): Buffer {
  for (const request of requests) stampRound(request, 0);
  return Buffer.concat(requests.map(({ body }) => body));
}

function takeRounds(rounds: number): { rooms: Rooms; facts: ReturnType<typeof conclude> } {
  const { baseline } = parseBaseline([{ path: "bench.yaml", text: declareFleet(load.fleet) }]);
  if (baseline === null) throw new Error("expected the fleet's baseline to be valid");
  const fingerprintKey = { id: "bench", bytes: new Uint8Array(32) };
  const assembler = { settleMs: SETTLE_MS, windowMs: 2 * SETTLE_MS };
  const rooms = buildRooms({ baseline, fingerprintKey, alerts: [], shapes: [], assembler });
  for (let round = 0; round < rounds; round++) {
    for (const request of load.requests) {
      stampRound(request, round);
      const { rejected } = ingest({ bytes: request.body, encoding: "protobuf" }, rooms, 0);
      expect(rejected.size).toBe(0);
    }
  }
  return { rooms, facts: conclude(rooms, SETTLE_MS + 1) };
}

function sumOf(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
