import type { BenchRun } from "./bench-run.ts";
import { type CollectorState, readCollectorState } from "./collector-state.ts";
import { FLOOD_KINDS, type FloodKind } from "./flood-loads.ts";
import { SPANS_A_REQUEST } from "./load.ts";
import { type Measured, measure } from "./measure.ts";
import type { Options } from "./options.ts";
import { readStoredTotals, type StoredTotals } from "./stored-totals.ts";
import { printTable, whole } from "./table.ts";
import type { Environment } from "./target.ts";

const NAMES = 100_000;
const OPERATIONS = 10_000;
const LONG_REQUESTS = 250;
const GIVE_UP_SECONDS = 600;
const IN_FLIGHT = 16;
/** Long enough that memory, and not time, is what bounds the spans that wait. */
const LONG_WINDOW: Environment = { TRUSTDRIFT_SETTLE_SECONDS: "150", TRUSTDRIFT_WINDOW_SECONDS: "300" };

type Flood = { readonly requests: number; readonly env: Environment };

/** What one flood left behind. */
export type Bounded = {
  readonly kind: FloodKind;
  readonly measured: Measured;
  readonly state: CollectorState;
  readonly stored: StoredTotals;
};

/** Sends each flood to a collector of its own. */
export async function floodBounds(run: BenchRun, { seed, floodSpans }: Options): Promise<readonly Bounded[]> {
  const floods: Readonly<Record<FloodKind, Flood>> = {
    "unpaired spans": { requests: Math.ceil(floodSpans / SPANS_A_REQUEST), env: LONG_WINDOW },
    "trace ids": { requests: Math.ceil(floodSpans / SPANS_A_REQUEST), env: LONG_WINDOW },
    "service names": { requests: Math.ceil(NAMES / SPANS_A_REQUEST), env: {} },
    "long values": { requests: LONG_REQUESTS, env: {} },
    operations: { requests: Math.ceil(OPERATIONS / (SPANS_A_REQUEST / 2)), env: {} },
  };
  const rows: Bounded[] = [];
  for (const kind of FLOOD_KINDS) rows.push(await floodOne(run, { kind, seed, ...floods[kind] }));
  return rows;
}

type Plan = Flood & { readonly kind: FloodKind; readonly seed: number };

async function floodOne(
  { generator, startCollector }: BenchRun,
  { kind, seed, requests, env }: Plan,
): Promise<Bounded> {
  await generator.createFlood(kind, seed);
  const collector = await startCollector({ env });
  await generator.connect("grpc", collector.port("grpc"));
  const phase = { seconds: GIVE_UP_SECONDS, inFlight: IN_FLIGHT, requestsASecond: null, requestsMax: requests };
  const measured = await measure(kind, collector, generator, phase);
  const state = await readCollectorState(collector.apiPort);
  await collector.stop();
  return { kind, measured, state, stored: readStoredTotals(collector.dbFile) };
}

/** The table of {@link floodBounds}. */
export function describeBounds(rows: readonly Bounded[]): string {
  return printTable(
    [
      ...["flood of", "spans", "refused", "failed", "s", "RSS max MiB", "waiting", "evicted", "overflowed"],
      ...["shapes", "stored", "nodes", "services", "alerts", "database MiB"],
    ],
    rows.map(({ kind, measured, state, stored }) => [
      kind,
      ...[measured.spans, measured.refusedForNow, measured.failed, measured.seconds, measured.rssMaxMib].map(whole),
      ...[state.waiting, state.evicted, state.overflowed, state.shapes].map(whole),
      ...[stored.shapes, stored.nodes, stored.services, stored.alerts, stored.mib].map(whole),
    ]),
  );
}
