import { parseArgs } from "node:util";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    "first-seed": { type: "string", default: "1" },
    "until-failure": { type: "boolean", default: false },
  },
});

const PROGRESS_EVERY = 5_000;

const first = Number(values["first-seed"]);
const end = first + Number(values.seeds);
const startedMs = performance.now();
let [seeds, spans, hops, failed] = [0, 0, 0, 0];
for (let seed = first; seed < end; seed++) {
  const result = simulate(seed);
  seeds++;
  spans += result.spans;
  hops += result.hops;
  if (result.failures.length > 0) {
    failed++;
    console.log([`seed ${seed}`, ...result.failures].join("\n  "));
    if (values["until-failure"]) {
      console.log(shrink(seed));
      break;
    }
  }
  if (seeds % PROGRESS_EVERY === 0) console.log(`${seeds} seeds, ${failed} failures`);
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
console.log(`${seeds} seeds, ${spans} spans, ${hops} hops, ${failed} failures, ${seconds} s`);
process.exitCode = failed > 0 ? 1 : 0;
