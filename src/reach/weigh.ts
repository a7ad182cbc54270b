import type { Baseline, Criticality } from "../model/baseline.ts";
import type { Reach } from "../model/survey.ts";
import { type BitSet, numbersIn } from "./bit-set.ts";
import type { ReachGraph } from "./reach-graph.ts";

const WEIGHTS: { readonly [Each in Criticality]: number } = { low: 1, medium: 2, high: 4, critical: 8 };

/** The services of a set by name, and what they weigh. */
export function weigh(set: BitSet, { nodes }: ReachGraph, { services }: Baseline): Reach {
  const names = [...numbersIn(set)].map((number) => nodes[number]?.name ?? "");
  const weight = names.reduce((sum, name) => sum + WEIGHTS[services.get(name)?.criticality ?? "medium"], 0);
  return { services: names, weight };
}
