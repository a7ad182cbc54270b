import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readCorpus, writeInput } from "./corpus.ts";
import { Coverage } from "./coverage.ts";
import { fuzz } from "./fuzz.ts";
import { harass } from "./harass.ts";

const { seconds, seed } = readOptions();
const folder = join(tmpdir(), "trustdrift-fuzz");
console.log(`seed ${seed}, ${seconds} s`);

const decoders = await fuzzDecoders((seconds * 2) / 3);
const doors = await harassDoors(seconds / 3);
process.exitCode = decoders + doors > 0 ? 1 : 0;

async function harassDoors(forSeconds: number): Promise<number> {
  const { misdeeds, megabytes, defect } = await harass(seed, forSeconds);
  if (defect !== null) console.log(defect);
  console.log(`doors: ${misdeeds} misdeeds, ${megabytes} MB at the end, ${defect === null ? 0 : 1} defects`);
  return defect === null ? 0 : 1;
}

async function fuzzDecoders(forSeconds: number): Promise<number> {
  const startedMs = performance.now();
  const coverage = await Coverage.start();
  const corpus = { bin: readCorpus("bin"), json: readCorpus("json") };
  const goesOn = () => performance.now() - startedMs < forSeconds * 1_000;
  const { executions, kept, defects } = await fuzz({ seed, corpus, coverage, goesOn });
  for (const { target, input, error } of defects) {
    const file = writeInput(folder, target, input);
    console.log(`${target}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n  ${file}`);
  }
  const perSecond = Math.round(executions / ((performance.now() - startedMs) / 1_000));
  console.log(
    `decoders: ${executions} inputs, ${perSecond} a second, ${coverage.size} blocks reached, ${kept} inputs kept, ${defects.length} defects`,
  );
  await coverage.stop();
  return defects.length;
}

function readOptions(): { readonly seconds: number; readonly seed: number } {
  const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } });
  const [seconds, seed] = [Number(values.seconds ?? 60), Number(values.seed ?? Date.now() % 1_000_000)];
  if (!(seconds > 0) || !Number.isSafeInteger(seed))
    throw new RangeError("expected --seconds and --seed to be numbers");
  return { seconds, seed };
}
