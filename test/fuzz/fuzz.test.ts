import { expect, test } from "vitest";
import { readCorpus } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import { makeTargets } from "./targets.ts";

const corpus = { bin: readCorpus("bin"), json: readCorpus("json") };
const SEED = 1;
/** A few seconds; `npm run fuzz` is for more. */
const EXECUTIONS = 3_000;

test.for([...corpus.bin, ...corpus.json])(
  "an input that found something, or may, is taken as it should be: $name",
  async ({ name, bytes }) => {
    const { protobuf, json, pipeline } = makeTargets();
    await (name.endsWith(".json") ? json : protobuf)(bytes);
    await pipeline(bytes);
  },
);

test("inputs changed at random are decoded, judged and stored, or are malformed, and nothing else", async () => {
  const { defects } = await fuzz({ seed: SEED, corpus, coverage: null, goesOn: (ran) => ran < EXECUTIONS });
  expect(defects).toEqual([]);
}, 120_000);
