import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ShapeCount } from "../../src/model/facts.ts";
import type { CommitBatch, Store, StoreReader } from "../../src/model/store.ts";
import { openReader, openStore } from "../../src/record/sqlite-store.ts";
import { alias, counted, EVER, HOUR_MS, NOON_MS, NOTHING, newShape, sighting } from "./samples.ts";

let folder: string;
let file: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trustdrift-held-"));
  file = join(folder, "trust.db");
  store = openStore(file);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** As many as take three commits to go into their rows. */
const SHAPES = Array.from({ length: 600 }, (_, index) => `shape-${index}`);

/** A commit of the collector's; `atMs` is its own time. */
function commit(atMs: number, batch: Partial<CommitBatch>): Promise<void> {
  return store.commit({ ...NOTHING, ...batch, journal: [{ atMs, batch: null, digest: null }] });
}

function commitShapes(): Promise<void> {
  return commit(0, { newShapes: SHAPES.map((key) => newShape({ key, operation: key })) });
}

/** One hop of each shape, of the classes in turn, and one sighting. */
function round(changes: Partial<ShapeCount> = {}): Partial<CommitBatch> {
  return {
    counts: SHAPES.map((shapeKey) => counted({ shapeKey, ...changes })),
    services: [sighting()],
    aliases: [alias()],
  };
}

async function totals(reader: StoreReader): Promise<readonly (number | undefined)[]> {
  const [[edge], [service]] = [await reader.edges(EVER), await reader.services(EVER)];
  const [address] = await reader.aliases(EVER);
  return [edge?.count, edge?.counts.peer, service?.spans, address?.count];
}

/** What a collector finds that starts on the database as a killed one left it. */
async function totalsAfterKill(): Promise<readonly (number | undefined)[]> {
  const left = join(folder, "left.db");
  rmSync(left, { force: true });
  for (const end of ["", "-wal"]) cpSync(file + end, left + end);
  openStore(left).close();
  const reader = openReader(left);
  try {
    return await totals(reader);
  } finally {
    reader.close();
    for (const end of ["-wal", "-shm"]) rmSync(left + end, { force: true });
  }
}

test("wherever a collector is killed, each count is there once", async () => {
  await commitShapes();
  for (let n = 1; n <= 12; n++) {
    await commit(n * 300, round({ confidence: n % 2 === 0 ? "peer" : "paired" }));
    expect(await totalsAfterKill()).toEqual([600 * n, 600 * Math.floor(n / 2), 5 * n, n]);
  }
  expect(await totals(store)).toEqual([600 * 12, 600 * 6, 5 * 12, 12]);
  expect(await totalsAfterKill()).toEqual([600 * 12, 600 * 6, 5 * 12, 12]);
});

test("what a new shape counts is seen at once, what a known one counts within two seconds, and nothing stays behind", async () => {
  const reader = openReader(file);
  await commit(0, { newShapes: [newShape()], counts: [counted()], services: [sighting()], aliases: [alias()] });
  expect(await totals(reader)).toEqual([1, 0, undefined, undefined]);
  await commit(100, { counts: [counted()] });
  expect(await totals(reader)).toEqual([1, 0, undefined, undefined]);
  await commit(1_100, { counts: [counted()] });
  expect(await totals(reader)).toEqual([2, 0, 5, 1]);
  expect(store.isHolding()).toBe(true);
  await store.commit(NOTHING);
  expect(await totals(reader)).toEqual([3, 0, 5, 1]);
  expect(store.isHolding()).toBe(false);
  reader.close();
});

test("what is held goes where it belongs when the store is closed", async () => {
  await commitShapes();
  await commit(1, round());
  await commit(2, round());
  store.close();
  const reader = openReader(file);
  expect(await totals(reader)).toEqual([1_200, 0, 10, 2]);
  reader.close();
  store = openStore(file);
  expect(store.isHolding()).toBe(false);
});

test("times, hours and the latest example are those of every hop, and none is a retraction's", async () => {
  await commit(0, { newShapes: [newShape()], counts: [counted({ count: 2 })] });
  await commit(1, { counts: [counted({ firstSeenMs: NOON_MS - 5, lastSeenMs: NOON_MS + HOUR_MS, estimated: 4 })] });
  await commit(2, { counts: [counted({ count: -1, lastSeenMs: NOON_MS + 9 * HOUR_MS })] });
  expect(await store.edges(EVER)).toMatchObject([
    { count: 2, estimated: 5, firstSeen: "2026-01-02T11:59:59.995Z", lastSeen: "2026-01-02T13:00:00.000Z" },
  ]);
  expect(await store.edges({ fromMs: NOON_MS, toMs: NOON_MS })).toMatchObject([{ count: 2 }]);
});
