import { expect, test } from "vitest";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import type { Manner } from "./world.ts";

// Made-up worlds whose truth is known, run through the real pipeline. `npm run simulate` runs more of them.

const SEEDS = 300;
const HONEST_SEEDS = 200;

function check(seed: number, manner: Manner): void {
  if (simulate(seed, manner).failures.length > 0) expect.fail(shrink(seed, manner));
}

test("what the pipeline makes of made-up worlds is what happened in them", { timeout: 120_000 }, () => {
  for (let seed = 1; seed <= SEEDS; seed++) check(seed, "any");
});

test("where nobody misbehaves, nothing is raised", { timeout: 120_000 }, () => {
  for (let seed = 1; seed <= HONEST_SEEDS; seed++) check(seed, "honest");
});

test("equal seeds make equal worlds", () => {
  expect(simulate(7)).toEqual(simulate(7));
  expect(simulate(7)).not.toEqual(simulate(8));
});
