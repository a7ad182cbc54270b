import { expect, test } from "vitest";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";

// Made-up worlds whose truth is known, run through the real pipeline. `npm run simulate` runs more of them.

const SEEDS = 300;
/**
 * Worlds that once showed a defect: a stranger who was only a skewed clock (48, 84), a relay that was missed (705),
 * entries that waited longer than their caller (6, 151, 373).
 */
const PINNED = [48, 84, 705, 6, 151, 373];

function check(seed: number): void {
  if (simulate(seed).failures.length > 0) expect.fail(shrink(seed));
}

test("what the pipeline makes of made-up worlds is what happened in them", { timeout: 120_000 }, () => {
  for (let seed = 1; seed <= SEEDS; seed++) check(seed);
});

test.each(PINNED)("world %i, which once was misread", check);

test("equal seeds make equal worlds", () => {
  expect(simulate(7)).toEqual(simulate(7));
  expect(simulate(7)).not.toEqual(simulate(8));
});
