import assert from "node:assert/strict";
import type { SpanBatch } from "../../src/model/span-batch.ts";

/** Asserts what `model/span-batch.ts` promises of every batch. */
export function checkBatch(batch: SpanBatch): void {
  const { spanCount: n, strings, credentials } = batch;
  const rows = credentials.profileIndexes.length;
  assert.equal(batch.traceIds.length, n * 4, "four words a trace id");
  assert.equal(batch.spanIds.length, n * 2, "two words a span id");
  assert.equal(batch.parentIds.length, n * 2, "two words a parent");
  for (const column of [batch.kinds, batch.statuses, batch.startMs, batch.endMs, batch.resources]) {
    assert.equal(column.length, n, "a value a span");
  }
  assert.ok(batch.weights.length === 0 || batch.weights.length === n, "a weight a span, or none at all");
  assert.ok(
    batch.weights.every((weight) => weight >= 1 && weight <= 2 ** 24 && Number.isInteger(weight * 1024)),
    "weights that add up exactly",
  );
  checkOffsets(batch.attributeStarts, n, batch.attributeKeys.length);
  checkOffsets(batch.linkStarts, n, batch.links.length / 6);
  checkOffsets(batch.credentialStarts, n, rows);
  checkOffsets(batch.resourceAttributeStarts, batch.resourceCount, batch.resourceAttributeKeys.length);
  assert.ok(allBelow(batch.kinds, 6) && allBelow(batch.statuses, 3), "known kinds and statuses");
  assert.ok(allBelow(batch.resources, batch.resourceCount), "resources that are there");
  assert.ok(allBelow(batch.attributeValues, strings.length), "values that are there");
  assert.ok(allBelow(batch.resourceAttributeValues, strings.length), "resource values that are there");
  assert.equal(batch.attributeValues.length, batch.attributeKeys.length, "a value a key");
  assert.ok(allBelow(credentials.profileIndexes, credentials.profiles.length), "profiles that are there");
  assert.equal(credentials.fingerprints.length, rows * 4, "four words a fingerprint");
  assert.equal(new Set(strings).size, strings.length, "distinct strings");
  assert.ok(
    strings.every((text) => text.length <= 256 && text.isWellFormed()),
    "strings of at most 256 characters",
  );
  assert.ok(batch.startMs.every(Number.isFinite) && batch.endMs.every(Number.isFinite), "finite times");
}

function checkOffsets(starts: Uint32Array, count: number, length: number): void {
  assert.equal(starts.length, count + 1, "one offset more than rows");
  assert.ok(starts[0] === 0 && starts[count] === length, "offsets from nothing to all");
  assert.ok(
    starts.every((start, at) => at === 0 || start >= (starts[at - 1] ?? 0)),
    "offsets that rise",
  );
}

function allBelow(column: Uint8Array | Uint32Array, bound: number): boolean {
  return column.every((value) => value < bound);
}
