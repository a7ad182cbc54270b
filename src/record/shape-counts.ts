import type Database from "better-sqlite3";
import type { ShapeCount } from "../model/facts.ts";
import { CONFIDENCES } from "../model/graph.ts";
import { hourOf } from "./hours.ts";
import { toWholeMs } from "./row-values.ts";

/**
 * Adds counts to a shape's hours. A retraction (negative) leaves first seen, last seen and evidence alone:
 * they may overstate, but never move because of something that did not happen.
 */
export function shapeCountWriter(db: Database.Database): (counted: ShapeCount) => void {
  const add = db.prepare<[string, number, number, number, number]>(`
    INSERT INTO shape_count (shape_key, hour, confidence, count, estimated) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count, estimated = estimated + excluded.estimated`);
  const see = db.prepare(`
    UPDATE shape SET
      first_seen_ms = MIN(COALESCE(first_seen_ms, @firstSeenMs), @firstSeenMs),
      last_seen_ms = MAX(COALESCE(last_seen_ms, @lastSeenMs), @lastSeenMs),
      evidence = @evidence
    WHERE key = @shapeKey`);
  return ({ shapeKey, confidence, count, estimated, firstSeenMs, lastSeenMs, evidence }) => {
    add.run(shapeKey, hourOf(lastSeenMs), CONFIDENCES.indexOf(confidence), count, estimated);
    if (count <= 0) return;
    see.run({
      shapeKey,
      firstSeenMs: toWholeMs(firstSeenMs),
      lastSeenMs: toWholeMs(lastSeenMs),
      evidence: JSON.stringify(evidence),
    });
  };
}
