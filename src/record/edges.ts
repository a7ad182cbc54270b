import type Database from "better-sqlite3";
import { CONFIDENCES } from "../model/graph.ts";
import type { ObservedEdge, TimeRange } from "../model/store.ts";
import { hoursOf } from "./hours.ts";
import { parseDistinctNames, toIso } from "./row-values.ts";
import { FIRST_SEEN, LAST_SEEN } from "./shape-counts.ts";

type Counts = ObservedEdge["counts"];
type Row = Pick<
  ObservedEdge,
  "environment" | "caller" | "callerKind" | "callee" | "calleeKind" | "type" | "via" | "count" | "estimated"
> &
  Counts & {
    readonly operations: string;
    /** JSON array of JSON arrays, as text. */
    readonly audienceLists: string;
    readonly firstSeenMs: number;
    readonly lastSeenMs: number;
  };

/**
 * Sums of one confidence class never fall below zero, for a retraction may lie in the range when its hop does not; and
 * they never exceed what is left in all, for a hop may lie in the range when its retraction does not.
 */
const sumOf = (column: string, confidence: number) => `MAX(0, MIN(
    COALESCE(SUM(${column}) FILTER (WHERE confidence = ${confidence} AND hour BETWEEN @from AND @to), 0),
    COALESCE(SUM(${column}) FILTER (WHERE confidence = ${confidence}), 0)
  ))`;
const COUNTED = CONFIDENCES.map((confidence, index) => `${sumOf("count", index)} AS ${confidence}`).join(", ");
const ESTIMATED = CONFIDENCES.map((_, index) => sumOf("estimated", index)).join(" + ");
const TOTAL = CONFIDENCES.join(" + ");
const SUMS = CONFIDENCES.map((confidence) => `SUM(${confidence}) AS ${confidence}`).join(", ");

type EdgeReader = (range: TimeRange) => readonly ObservedEdge[];

/** Reads the edges whose hops, as far as they were not retracted, lie in the hours of a range. */
export function edgeReader(db: Database.Database): EdgeReader {
  return readerOf(db, "type NOT IN ('unattributed', 'proxied')");
}

/** Reads, likewise, the edges through proxies. */
export function proxiedEdgeReader(db: Database.Database): EdgeReader {
  return readerOf(db, "type = 'proxied'");
}

function readerOf(db: Database.Database, condition: string): EdgeReader {
  const select = db.prepare<[{ from: number; to: number }], Row>(`
    WITH counted AS (
      SELECT shape_key, ${COUNTED}, ${ESTIMATED} AS estimated,
        MIN(first_seen_ms) AS first_seen_ms, MAX(last_seen_ms) AS last_seen_ms
      FROM shape_count GROUP BY shape_key
    )
    SELECT environment, caller, caller_kind AS callerKind, callee, callee_kind AS calleeKind, type, via,
      ${SUMS}, SUM(${TOTAL}) AS count, CAST(ROUND(MAX(SUM(${TOTAL}), SUM(estimated))) AS INTEGER) AS estimated,
      JSON_GROUP_ARRAY(DISTINCT operation) FILTER (WHERE operation IS NOT NULL) AS operations,
      JSON_GROUP_ARRAY(DISTINCT audiences) FILTER (WHERE audiences IS NOT NULL) AS audienceLists,
      MIN(${FIRST_SEEN}) AS firstSeenMs, MAX(${LAST_SEEN}) AS lastSeenMs
    FROM counted
    JOIN shape ON shape.key = shape_key
    LEFT JOIN credential ON credential.key = credential_key
    WHERE ${condition} AND ${TOTAL} > 0
    GROUP BY environment, caller, caller_kind, callee, callee_kind, type, via
    ORDER BY caller, callee, environment, caller_kind, callee_kind, type, via`);
  return (range) => {
    const [from, to] = hoursOf(range);
    return select.all({ from, to }).map(toEdge);
  };
}

function toEdge(row: Row): ObservedEdge {
  const { operations, audienceLists, firstSeenMs, lastSeenMs, paired, parent, link, alias, peer, root, ...edge } = row;
  const lists = (JSON.parse(audienceLists) as readonly string[]).map((list) => JSON.parse(list) as readonly string[]);
  const counts = { paired, parent, link, alias, peer, root };
  return {
    ...edge,
    operations: parseDistinctNames(operations),
    audiences: [...new Set(lists.flat())].sort(),
    confidence: CONFIDENCES.find((confidence) => counts[confidence] > 0) ?? "root",
    counts,
    firstSeen: toIso(firstSeenMs),
    lastSeen: toIso(lastSeenMs),
  };
}
