import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareRuns } from "./compare-runs.ts";

const { kills, seed } = readOptions();
const folder = mkdtempSync(join(tmpdir(), "trustdrift-crash-"));
const startedMs = performance.now();
const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(0);

console.log(`seed ${seed}: ${kills} kills, in ${folder}`);
const progress = (done: number, answered: number) => {
  if (done % 10 === 0) console.log(`${done} of ${kills} kills, ${answered} answers, ${seconds()} s`);
};
const result = await compareRuns({ folder, seed, kills, progress });
const { differences, ...figures } = result;
for (const difference of differences) console.log(difference);
console.log(
  Object.entries({
    ...figures,
    restartMs: Math.round(figures.restartMs),
    differences: differences.length,
    seconds: seconds(),
  })
    .map(([name, value]) => `${name} ${value}`)
    .join(", "),
);
if (differences.length === 0) rmSync(folder, { recursive: true });
else
  console.log(`what was acknowledged is not what is stored: see ${folder}; again with --kills ${kills} --seed ${seed}`);
process.exitCode = differences.length === 0 ? 0 : 1;

function readOptions(): { readonly kills: number; readonly seed: number } {
  const { values } = parseArgs({ options: { kills: { type: "string" }, seed: { type: "string" } } });
  const [kills, seed] = [Number(values.kills ?? 100), Number(values.seed ?? Date.now() % 1_000_000)];
  if (!Number.isSafeInteger(kills) || kills < 0 || !Number.isSafeInteger(seed)) {
    throw new RangeError("expected --kills and --seed to be whole numbers");
  }
  return { kills, seed };
}
