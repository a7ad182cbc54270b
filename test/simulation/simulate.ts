import { declareBaseline } from "./baseline.ts";
import { compareRuns, compareWithLoss, compareWithTruth } from "./compare.ts";
import { deliver, type Pace } from "./deliver.ts";
import { FEATURES } from "./features.ts";
import { observe } from "./observe.ts";
import { type Plan, planTraces } from "./plan.ts";
import { Random } from "./random.ts";
import { tellSpans } from "./tell-spans.ts";
import { tellTruth } from "./truth.ts";
import { createWorld, type Manner, type World } from "./world.ts";

/** The part of the spans that never come, where some are lost. */
const LOSS = 0.15;
const LOSS_EVERY = 3;

/** What a simulation found; no failures where product and truth agree. */
export type Simulation = { readonly failures: readonly string[]; readonly spans: number; readonly hops: number };

/** One world and what happens in it. Equal seeds give equal worlds. */
export function makeUp(seed: number, manner: Manner = "any"): { readonly world: World; readonly plan: Plan } {
  const random = new Random(seed);
  const world = createWorld(random, manner);
  return { world, plan: planTraces(random, world, FEATURES) };
}

/** Makes up a world, lets the product observe it twice, in different orders, and compares both with the truth. */
export function simulate(seed: number, manner: Manner = "any"): Simulation {
  const { world, plan } = makeUp(seed, manner);
  return simulatePlan(seed, world, plan);
}

/** As {@link simulate}, of a plan that is already made. */
export function simulatePlan(seed: number, world: World, plan: Plan): Simulation {
  const random = new Random(seed + 0.5 * 2 ** 31);
  const baseline = declareBaseline(world);
  const truth = tellTruth(world, plan);
  const spans = tellSpans(plan.traces);
  const run = (pace: Pace) => {
    const delivery = deliver(random, spans, pace);
    const observed = observe(delivery, baseline);
    const failures = compareWithTruth(truth, observed, delivery);
    return { observed, failures: failures.map((line) => `${pace}: ${line}`) };
  };
  const one = run(random.pick(["capture", "prompt"]));
  const other = run(random.pick(["prompt", "late"]));
  const lossy = (): string[] => {
    const kept = spans.filter(() => !random.chance(LOSS));
    const observed = observe(deliver(random, kept, random.pick(["capture", "prompt", "late"])), baseline);
    return compareWithLoss(truth, observed).map((line) => `with loss: ${line}`);
  };
  const lost = seed % LOSS_EVERY === 0 ? lossy() : [];
  const wanted = world.manner === "honest" ? [...truth.alerts].map((text) => `not honest: ${text}`) : [];
  const failures = [
    ...wanted,
    ...one.failures,
    ...other.failures,
    ...compareRuns(one.observed, other.observed),
    ...lost,
  ];
  return {
    failures,
    spans: spans.length,
    hops: [...truth.hops.values()].reduce((sum, count) => sum + count, 0),
  };
}
