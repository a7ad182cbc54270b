import type Database from "better-sqlite3";
import type { ShapeSum } from "./count-sums.ts";
import { toWholeMs } from "./row-values.ts";

/** SQLite's functions of several values are null where one of them is; these stand for none. */
const NEVER_FIRST = Number.MAX_SAFE_INTEGER;
const NEVER_LAST = Number.MIN_SAFE_INTEGER;

/** When a shape was seen, of its own row and of what its hours say. */
export const FIRST_SEEN = `MIN(COALESCE(shape.first_seen_ms, ${NEVER_FIRST}), COALESCE(counted.first_seen_ms, ${NEVER_FIRST}))`;
export const LAST_SEEN = `MAX(COALESCE(shape.last_seen_ms, ${NEVER_LAST}), COALESCE(counted.last_seen_ms, ${NEVER_LAST}))`;

/**
 * Adds what was counted to a shape's hours. The shape's own row is ten times as wide, so when it was seen and an example
 * go there with the first count of an hour only, and outlive the hours.
 */
export function shapeSumWriter(db: Database.Database): (sum: ShapeSum) => void {
  const add = db.prepare<[number, number, number, number, string, number, number]>(`
    UPDATE shape_count SET
      count = count + ?,
      estimated = estimated + ?,
      first_seen_ms = MIN(COALESCE(first_seen_ms, ${NEVER_FIRST}), ?),
      last_seen_ms = MAX(COALESCE(last_seen_ms, ${NEVER_LAST}), ?)
    WHERE shape_key = ? AND hour = ? AND confidence = ?`);
  const begin = db.prepare<[string, number, number, number, number, number, number]>(`
    INSERT INTO shape_count (shape_key, hour, confidence, count, estimated, first_seen_ms, last_seen_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const see = db.prepare<[number, number, number, number, string | null, string]>(`
    UPDATE shape SET
      first_seen_ms = MIN(COALESCE(first_seen_ms, ?), ?),
      last_seen_ms = MAX(COALESCE(last_seen_ms, ?), ?),
      evidence = COALESCE(?, evidence)
    WHERE key = ?`);
  return ({ shapeKey, hour, confidence, count, estimated, evidence, ...sum }) => {
    const isSeen = sum.firstSeenMs <= sum.lastSeenMs;
    const [firstMs, lastMs] = isSeen
      ? [toWholeMs(sum.firstSeenMs), toWholeMs(sum.lastSeenMs)]
      : [NEVER_FIRST, NEVER_LAST];
    if (add.run(count, estimated, firstMs, lastMs, shapeKey, hour, confidence).changes > 0) return;
    begin.run(shapeKey, hour, confidence, count, estimated, firstMs, lastMs);
    if (!isSeen) return;
    see.run(firstMs, firstMs, lastMs, lastMs, evidence === null ? null : JSON.stringify(evidence), shapeKey);
  };
}
