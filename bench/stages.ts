import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../src/record/sqlite-store.ts";
import { createLoad } from "./load.ts";
import type { Options } from "./options.ts";
import { createStages, parseFleetBaseline, type StageCost, StageRun } from "./stage-run.ts";
import { printTable, whole } from "./table.ts";

const WARM_UP_SLICES = 4;
const SLICE_MS = 1_000;

/** What each stage of the pipeline costs a span, without sockets and in one process; returns what to print. */
export async function benchStages({ seed, spans, seconds, isJson }: Options): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-bench-"));
  const store = openStore(join(folder, "bench.db"));
  try {
    const { fleet, requests } = createLoad({ seed, spans });
    const baseline = parseFleetBaseline(fleet);
    const stages = createStages((batch) => store.commit(batch));
    const runs = stages.map((stage) => new StageRun(stage, requests, baseline));
    for (let slice = 0; slice < WARM_UP_SLICES; slice++) for (const run of runs) await run.work(SLICE_MS);
    for (const run of runs) run.reset();
    // In turn, so that whatever else the machine does slows all of them alike.
    for (let slice = 0; slice < seconds; slice++) for (const run of runs) await run.work(SLICE_MS);
    const costs = runs.map((run) => run.cost());
    return isJson ? JSON.stringify(costs, null, 2) : describe(costs);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function describe(costs: readonly StageCost[]): string {
  return printTable(
    ["up to stage", "CPU ns/span", "this stage", "wall ns/span"],
    costs.map(({ name, cpuNs, wallNs }, index) => [
      name,
      whole(cpuNs),
      whole(cpuNs - (costs[index - 1]?.cpuNs ?? 0)),
      whole(wallNs),
    ]),
  );
}
