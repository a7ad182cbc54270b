import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../src/record/sqlite-store.ts";
import { createLoad } from "./load.ts";
import type { Options } from "./options.ts";
import { createStages, parseFleetBaseline, StageRun } from "./stage-run.ts";
import { decimal, printTable, whole } from "./table.ts";

type Size = { readonly services: number; readonly callsAService: number };

/** Services first, then calls between as many services; the first size again at the end, to see the machine's moods. */
const SIZES: readonly Size[] = [
  { services: 10, callsAService: 4 },
  { services: 100, callsAService: 4 },
  { services: 1_000, callsAService: 4 },
  { services: 10_000, callsAService: 4 },
  { services: 1_000, callsAService: 1 },
  { services: 1_000, callsAService: 14 },
  { services: 1_000, callsAService: 170 },
  { services: 10, callsAService: 4 },
];
const STAGES = ["decode", "judge", "journal"];
/** The same for every size, and enough that each of the most services has a batch. */
const SPANS = 163_840;
const SPANS_A_BATCH = 16;
const SLICE_MS = 1_000;
/** Until every shape, value and token of the load was seen. */
const WARM_UP_ROUNDS = 1.1;

type Row = {
  readonly services: number;
  readonly calls: number;
  readonly shapes: number;
  readonly baselineMs: number;
  /** By stage, in the order of {@link STAGES}. */
  readonly cpuNs: readonly number[];
};

/** What a span costs while services and declared calls grow; returns what to print. */
export async function benchScale(options: Options): Promise<string> {
  const rows: Row[] = [];
  for (const size of SIZES) rows.push(await measureSize(size, options));
  return options.isJson ? JSON.stringify(rows, null, 2) : describe(rows);
}

async function measureSize(size: Size, { seed, seconds }: Options): Promise<Row> {
  const { fleet, requests } = createLoad({ seed, spans: SPANS, spansABatch: SPANS_A_BATCH, ...size });
  const startMs = performance.now();
  const baseline = parseFleetBaseline(fleet);
  const baselineMs = performance.now() - startMs;
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-bench-"));
  const store = openStore(join(folder, "bench.db"));
  try {
    const stages = createStages((batch) => store.commit(batch)).filter(({ name }) => STAGES.includes(name));
    const runs = stages.map((stage) => new StageRun(stage, requests, baseline));
    for (const run of runs) await run.workRounds(WARM_UP_ROUNDS);
    for (const run of runs) run.reset();
    for (let slice = 0; slice < seconds; slice++) for (const run of runs) await run.work(SLICE_MS);
    const { shapes } = runs.at(-1)?.rooms.assembler.figures() ?? { shapes: 0 };
    const calls = fleet.services.reduce((sum, service) => sum + service.calls.length, 0);
    return { services: size.services, calls, shapes, baselineMs, cpuNs: runs.map((run) => run.cost().cpuNs) };
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function describe(rows: readonly Row[]): string {
  const [first] = rows;
  return printTable(
    ["services", "declared calls", "shapes", "decode ns/span", "to judge", "to journal", "of first", "baseline ms"],
    rows.map(({ services, calls, shapes, baselineMs, cpuNs }) => [
      ...[services, calls, shapes, ...cpuNs].map(whole),
      decimal((cpuNs.at(-1) ?? 0) / (first?.cpuNs.at(-1) ?? 1)),
      whole(baselineMs),
    ]),
  );
}
