import { buildRooms } from "../../src/build-rooms.ts";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import type { Alert } from "../../src/model/alert.ts";
import { type Baseline, EMPTY_BASELINE } from "../../src/model/baseline.ts";
import type { ObservedGraph } from "../../src/model/observed-graph.ts";
import { EMPTY_COMMIT, type ObservedEdge, type Store } from "../../src/model/store.ts";
import { changeBaseline, conclude, ingest, type Rooms, review } from "../../src/pipeline.ts";
import { openStore } from "../../src/record/sqlite-store.ts";
import { type DrawnSpan, requestOf } from "./draw.ts";
import { encodeRequest } from "./otlp.ts";

const SETTLE_MS = 15_000;
const ALL = { statuses: null, rules: null, minSeverity: null, environment: null, service: null, owner: null };
const EVER = { fromMs: null, toMs: null };
const START_MS = Date.UTC(2026, 5, 1);

/** Spans that arrive together, and how long after those before them. */
export type Arrival = {
  readonly spans: readonly DrawnSpan[];
  readonly afterMs?: number;
  /** What is declared from then on; null for what was before. */
  readonly baseline?: Baseline | null;
  /** The declarations are reviewed after it. */
  readonly isReviewed?: boolean;
  /** Who sent them, as in `ExportRequest`. */
  readonly principal?: string | null;
  /** How often they come, each time in traces of their own; once where absent. */
  readonly times?: number;
};

/** What is left in the store after a run. */
export type Outcome = {
  readonly edges: readonly ObservedEdge[];
  readonly proxiedEdges: readonly ObservedEdge[];
  /** The edges before addresses were read as services. */
  readonly graph: ObservedGraph;
  readonly alerts: readonly Alert[];
};

/** The rooms between sockets and store, with a store in memory. */
export type Pipeline = { readonly rooms: Rooms; readonly store: Store };

/** The baseline of a YAML body without its header. */
export function baselineOf(body: string): Baseline {
  const text = `apiVersion: trustdrift/v1\nkind: Baseline\n${body}`;
  const { baseline, problems } = parseBaseline([{ path: "shop.yaml", text }]);
  if (baseline === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return baseline;
}

const DAY_MS = 24 * 3_600_000;

/** A pipeline whose window never ends unless one is given, so that only the order of arrivals is put to the test. */
export function createPipeline(baseline: Baseline = EMPTY_BASELINE, windowMs = DAY_MS): Pipeline {
  const rooms = buildRooms({
    baseline,
    atMs: START_MS,
    fingerprintKey: { id: "test", bytes: new Uint8Array(32).fill(7) },
    alerts: [],
    shapes: [],
    assembler: { settleMs: SETTLE_MS, windowMs, waitingMax: 4_096 },
  });
  return { rooms, store: openStore(":memory:") };
}

/** Sends arrivals through real OTLP bytes, a commit each; settles at the end and tells what is stored. */
export async function runPipeline(
  arrivals: readonly Arrival[],
  baseline?: Baseline,
  windowMs?: number,
): Promise<Outcome> {
  const { rooms, store } = createPipeline(baseline, windowMs);
  let nowMs = START_MS;
  for (const { spans, afterMs = 0, times = 1, baseline: changed = null, isReviewed = false, ...sent } of arrivals) {
    nowMs += afterMs;
    // A collector commits also while nothing comes in.
    if (afterMs > 0) await store.commit(conclude(rooms, nowMs));
    if (changed !== null) await store.commit({ ...EMPTY_COMMIT, ...changeBaseline(changed, rooms, nowMs) });
    const bytes = encodeRequest(requestOf(spans));
    for (let copy = 0; copy < times; copy += 1) {
      ingest({ bytes: inOtherTraces(bytes, copy), encoding: "protobuf", ...sent }, rooms, nowMs);
    }
    await store.commit(conclude(rooms, nowMs));
    if (isReviewed) await store.commit({ ...EMPTY_COMMIT, ...review(rooms, nowMs) });
  }
  await store.commit(conclude(rooms, nowMs + SETTLE_MS));
  const outcome = {
    edges: await store.edges(EVER),
    proxiedEdges: await store.proxiedEdges(EVER),
    graph: await store.graph(EVER),
    alerts: await store.alerts(ALL),
  };
  store.close();
  return outcome;
}

/** `trace_id` of a span, as tag, length and the high half of all ids that are drawn. */
const DRAWN_TRACE = Buffer.from("0a10000000000000000a", "hex");

/** The same request with other trace ids; encoding it anew would take longer than all the rest. */
function inOtherTraces(bytes: Uint8Array, copy: number): Uint8Array {
  if (copy === 0) return bytes;
  const copied = Buffer.from(bytes);
  for (let at = copied.indexOf(DRAWN_TRACE); at >= 0; at = copied.indexOf(DRAWN_TRACE, at)) {
    copied.writeUInt32BE(copy, at + 2);
    at += DRAWN_TRACE.length;
  }
  return copied;
}
