import { buildRooms } from "../../src/build-rooms.ts";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import type { Alert } from "../../src/model/alert.ts";
import { type Baseline, EMPTY_BASELINE } from "../../src/model/baseline.ts";
import type { ObservedGraph } from "../../src/model/observed-graph.ts";
import type { ObservedEdge, Store } from "../../src/model/store.ts";
import { conclude, ingest, type Rooms } from "../../src/pipeline.ts";
import { openStore } from "../../src/record/sqlite-store.ts";
import { type DrawnSpan, requestOf } from "./draw.ts";
import { encodeRequest } from "./otlp.ts";

const SETTLE_MS = 15_000;
const ALL = { statuses: null, rules: null, minSeverity: null, environment: null, service: null, owner: null };
const EVER = { fromMs: null, toMs: null };
const START_MS = Date.UTC(2026, 5, 1);

/** Spans that arrive together, and how long after those before them. */
export type Arrival = { readonly spans: readonly DrawnSpan[]; readonly afterMs?: number };

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

/** A pipeline whose window never ends, so that only the order of arrivals is put to the test. */
export function createPipeline(baseline: Baseline = EMPTY_BASELINE): Pipeline {
  const rooms = buildRooms({
    baseline,
    atMs: START_MS,
    fingerprintKey: { id: "test", bytes: new Uint8Array(32).fill(7) },
    alerts: [],
    shapes: [],
    assembler: { settleMs: SETTLE_MS, windowMs: 24 * 3_600_000, waitingMax: 4_096 },
  });
  return { rooms, store: openStore(":memory:") };
}

/** Sends arrivals through real OTLP bytes, a commit each; settles at the end and tells what is stored. */
export async function runPipeline(arrivals: readonly Arrival[], baseline?: Baseline): Promise<Outcome> {
  const { rooms, store } = createPipeline(baseline);
  let nowMs = START_MS;
  for (const { spans, afterMs = 0 } of arrivals) {
    nowMs += afterMs;
    // A collector commits also while nothing comes in.
    if (afterMs > 0) await store.commit(conclude(rooms, nowMs));
    ingest({ bytes: encodeRequest(requestOf(spans)), encoding: "protobuf" }, rooms, nowMs);
    await store.commit(conclude(rooms, nowMs));
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
