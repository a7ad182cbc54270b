import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SpanBatch } from "../../src/model/span-batch.ts";
import { openStore } from "../../src/record/sqlite-store.ts";
import { createDecoder } from "../support/assemble.ts";
import { NOON_MS, NOTHING } from "./samples.ts";

const SPANS = 16_384;
const MIB = 1024 * 1024;

/** A batch whose 256 KiB of trace ids do not shrink. */
function bulkyBatch(): SpanBatch {
  const traceIds = randomFillSync(new Uint32Array(SPANS * 4));
  return { ...createDecoder().decodeProtobuf(new Uint8Array()), spanCount: SPANS, traceIds };
}

test("the log begins anew while commits go on, and loses nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "test.db");
  const store = openStore(file);
  const batch = bulkyBatch();
  let written = 0;
  let longest = 0;
  for (let row = 0; row < 400; row++) {
    await store.commit({ ...NOTHING, journal: [{ atMs: NOON_MS + row, batch, digest: null }] });
    await store.sync();
    written += batch.traceIds.byteLength;
    longest = Math.max(longest, statSync(`${file}-wal`).size);
  }
  store.close();
  expect(written).toBeGreaterThan(90 * MIB);
  expect(longest).toBeLessThan(30 * MIB);
  const again = openStore(file);
  expect([...again.journal(0)].map(({ atMs }) => atMs - NOON_MS)).toEqual(Array.from({ length: 400 }, (_, row) => row));
  again.close();
});
