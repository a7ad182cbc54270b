import fc from "fast-check";
import { expect, test } from "vitest";
import { buildRooms } from "../src/build-rooms.ts";
import { EMPTY_BASELINE } from "../src/model/baseline.ts";
import type { SpanBatch } from "../src/model/span-batch.ts";
import type { Store } from "../src/model/store.ts";
import { conclude, ingest, type Rooms, replay } from "../src/pipeline.ts";
import { openStore } from "../src/record/sqlite-store.ts";
import { shuffle } from "./support/assemble.ts";
import { drawSpans, requestOf } from "./support/draw.ts";
import { encodeRequest } from "./support/otlp.ts";

// A collector that was killed reads its journal again and ends like one that was not.

const ALL = { statuses: null, rules: null, minSeverity: null, environment: null, service: null, owner: null };
const EVER = { fromMs: null, toMs: null };
const fingerprintKey = { id: "test", bytes: new Uint8Array(32).fill(7) };
const EXPIRED_S = Date.UTC(2025, 0, 1) / 1000;
const Q = "messaging.system=kafka, messaging.destination.name=Q";

const SPANS = drawSpans(`
  web S#1; web C#2<1 {peer=x}; app I#3<2; app S#4<3 {fp=t, aud=app, exp=${EXPIRED_S}, http.response.status_code=200}
  app C#5<4 {server.address=h}; app C#6<5 {fp=t}; db S#7<6 {fp=t}; app P#8<4 {${Q}}; worker K#9@2 ~8@1 {${Q}}
  lost S#a<zz; web C#b<1 {peer=late}; late S#c<b; app C#d<4 {db.system=redis, server.address=cache}
`);

async function open(store: Store): Promise<Rooms> {
  const options = { waitingMax: 1024, settleMs: 1500, windowMs: 3000 };
  const [alerts, shapes] = [await store.alerts(ALL), await store.shapes()];
  const rooms = buildRooms({ baseline: EMPTY_BASELINE, fingerprintKey, alerts, shapes, assembler: options });
  const endMs = store.journalEndMs();
  if (endMs !== null) replay(store.journal(endMs - 6000), rooms);
  return rooms;
}

/** Sends a span every 200 ms, kills the collector after the given sends, and tells what is stored in the end. */
async function run(seed: number, kills: ReadonlySet<number>): Promise<unknown> {
  const store = openStore(":memory:");
  let rooms = await open(store);
  let atMs = 1_000_000;
  for (const [sent, span] of [...shuffle(SPANS, seed)].entries()) {
    atMs += 200;
    const batch = ingest({ bytes: encodeRequest(requestOf([span])), encoding: "protobuf" }, rooms, atMs);
    await commit(store, rooms, { atMs, batch });
    if (kills.has(sent)) rooms = await open(store);
  }
  for (const restMs of [500, 1000, 2000, 4000]) await commit(store, rooms, { atMs: atMs + restMs, batch: null });
  const alerts = (await store.alerts(ALL)).map(({ key, status, count }) => ({ key, status, count }));
  const edges = await store.edges(EVER);
  store.close();
  return { edges, alerts };
}

async function commit(
  store: Store,
  rooms: Rooms,
  { atMs, batch }: { readonly atMs: number; readonly batch: SpanBatch | null },
): Promise<void> {
  const rows = [...(batch === null ? [] : [{ atMs, batch, digest: null }]), { atMs, batch: null, digest: null }];
  await store.commit({ ...conclude(rooms, atMs), journal: rows });
}

test("killed after any sends and resumed ends like never killed: edges, counts, times and alerts", async () => {
  const kills = fc.uniqueArray(fc.nat({ max: SPANS.length - 1 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 10_000 }), kills, async (seed, killed) => {
      expect(await run(seed, new Set(killed))).toEqual(await run(seed, new Set()));
    }),
    { numRuns: 60 },
  );
});

test("the run that is compared with has edges of every kind and an alert", async () => {
  const { edges, alerts } = (await run(1, new Set())) as { edges: { type: string }[]; alerts: unknown[] };
  expect(new Set(edges.map(({ type }) => type))).toEqual(new Set(["direct", "destination", "logical"]));
  expect(alerts).toHaveLength(1);
});
