import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { BatchResult } from "./run-batch.ts";
import { runSeeds } from "./run-seeds.ts";
import { shrink } from "./shrink.ts";

const PROGRESS_EVERY_MS = 20_000;
const USAGE = `npm run simulate -- [--seeds 1000] [--first-seed 1] [--jobs ${availableParallelism()}] [--honest] [--until-failure]`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    "first-seed": { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    honest: { type: "boolean", default: false },
    "until-failure": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const [count, first, jobs] = [values.seeds, values["first-seed"], values.jobs].map(Number);
const manner = values.honest ? "honest" : "any";
const areNumbers = [count, first, jobs].every((number) => Number.isSafeInteger(number) && (number ?? -1) >= 0);
if (values.help || !areNumbers || jobs === 0) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else process.exitCode = await simulateAll({ count: count ?? 0, first: first ?? 0, jobs: jobs ?? 1 });

/** Runs the seeds, tells of failing ones and of progress, and returns the exit code. */
async function simulateAll(run: { count: number; first: number; jobs: number }): Promise<number> {
  const startedMs = performance.now();
  let [seeds, spans, hops, toldMs] = [0, 0, 0, startedMs];
  const failing: number[] = [];
  const tell = (result: BatchResult): boolean => {
    seeds += result.seeds;
    spans += result.spans;
    hops += result.hops;
    for (const { seed, failures } of result.failing) console.log([`seed ${seed}`, ...failures].join("\n  "));
    failing.push(...result.failing.map(({ seed }) => seed));
    if (performance.now() - toldMs >= PROGRESS_EVERY_MS) {
      toldMs = performance.now();
      console.error(`${seeds} of ${run.count} seeds, ${failing.length} failing, ${elapsed(startedMs)}`);
    }
    return failing.length === 0 || !values["until-failure"];
  };
  await runSeeds({ ...run, manner, tell });
  const [smallest] = failing.sort((one, other) => one - other);
  if (values["until-failure"] && smallest !== undefined) console.log(shrink(smallest, manner));
  else if (failing.length > 0) console.log(`failing: ${failing.join(" ")}`);
  console.log(`${spans} spans, ${hops} hops, ${run.jobs} ${run.jobs === 1 ? "job" : "jobs"}`);
  console.log(
    `${seeds} ${values.honest ? "honest seeds" : "seeds"}, first ${run.first}, ${failing.length} failing, ${elapsed(startedMs)}`,
  );
  return failing.length > 0 ? 1 : 0;
}

/** `14m03s` */
function elapsed(startedMs: number): string {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}
