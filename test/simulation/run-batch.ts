import { simulate } from "./simulate.ts";
import type { Manner } from "./world.ts";

/** Seeds that follow each other. */
export type Batch = { readonly first: number; readonly count: number; readonly manner: Manner };

/** What came of a batch: how much was simulated, and the failures of each seed that has some. */
export type BatchResult = {
  readonly seeds: number;
  readonly spans: number;
  readonly hops: number;
  readonly failing: readonly { readonly seed: number; readonly failures: readonly string[] }[];
};

/** Simulates the worlds of some seeds, one after the other. */
export function runBatch({ first, count, manner }: Batch): BatchResult {
  const failing: { seed: number; failures: readonly string[] }[] = [];
  let [spans, hops] = [0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const result = simulate(seed, manner);
    spans += result.spans;
    hops += result.hops;
    if (result.failures.length > 0) failing.push({ seed, failures: result.failures });
  }
  return { seeds: count, spans, hops, failing };
}
