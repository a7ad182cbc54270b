import { Random } from "../simulation/random.ts";
import type { CorpusInput } from "./corpus.ts";
import type { Coverage } from "./coverage.ts";
import { mutateJson, mutateProtobuf } from "./mutate.ts";
import { makeTargets, type Target, type TargetName } from "./targets.ts";

/** So many inputs run between two looks at the coverage, which costs as much as hundreds of them. */
const ROUND = 256;
const BYTES_MAX = 16 * 1024;
/** An input that takes longer has found something; the slowest good one needs a hundredth. */
const SLOW_MS = 1_000;
const DEFECTS_MAX = 20;

export type FuzzOptions = {
  readonly seed: number;
  readonly corpus: Readonly<Record<"bin" | "json", readonly CorpusInput[]>>;
  /** Guides the search where there is one; without it every input is made from the corpus. */
  readonly coverage: Coverage | null;
  /** Asked between rounds with what has run so far. */
  readonly goesOn: (executions: number) => boolean;
};

/** An input, what it was given to, and what came of it. */
export type Defect = { readonly target: TargetName; readonly input: Uint8Array; readonly error: unknown };
export type FuzzResult = { readonly executions: number; readonly kept: number; readonly defects: readonly Defect[] };

type Pools = Record<"bin" | "json", Uint8Array[]>;

/** Changes inputs at random and gives them to the targets; keeps in its pool what reached new code. */
export async function fuzz({ seed, corpus, coverage, goesOn }: FuzzOptions): Promise<FuzzResult> {
  const random = new Random(seed);
  const targets = makeTargets();
  const pools: Pools = { bin: corpus.bin.map(({ bytes }) => bytes), json: corpus.json.map(({ bytes }) => bytes) };
  const begun = pools.bin.length + pools.json.length;
  const defects: Defect[] = [];
  let executions = 0;
  while (goesOn(executions) && defects.length < DEFECTS_MAX) {
    const name = random.weigh({ protobuf: 3, json: 2, pipeline: 2 } as const);
    const kind = kindFor(name, random);
    const inputs = Array.from({ length: ROUND }, () => makeInput(kind, pools, random));
    defects.push(...(await defectsOf(inputs, name, targets[name])));
    executions += inputs.length;
    if (coverage !== null) pools[kind].push(...(await newcomers(inputs, targets[name], coverage)));
  }
  return { executions, kept: pools.bin.length + pools.json.length - begun, defects };
}

function kindFor(name: TargetName, random: Random): "bin" | "json" {
  if (name === "pipeline") return random.chance(0.4) ? "json" : "bin";
  return name === "json" ? "json" : "bin";
}

async function defectsOf(inputs: readonly Uint8Array[], name: TargetName, target: Target): Promise<readonly Defect[]> {
  const defects: Defect[] = [];
  for (const input of inputs) {
    const error = await errorOf(target, input);
    if (error !== null) defects.push({ target: name, input, error });
  }
  return defects;
}

/** What is wrong with how an input was taken, or null. */
export async function errorOf(target: Target, input: Uint8Array): Promise<unknown> {
  const startedMs = performance.now();
  try {
    await target(input);
  } catch (error) {
    return error;
  }
  const ms = performance.now() - startedMs;
  return ms > SLOW_MS ? new Error(`took ${Math.round(ms)} ms for ${input.length} bytes`) : null;
}

function makeInput(kind: "bin" | "json", pools: Pools, random: Random): Uint8Array {
  const pool = pools[kind];
  const material = { random, pool, bytesMax: BYTES_MAX };
  const from = random.pick(pool);
  return kind === "json" ? mutateJson(from, material) : mutateProtobuf(from, material);
}

/** Where inputs have reached new code, each half of them runs once more, and so on, until it is known which did. */
async function newcomers(inputs: readonly Uint8Array[], target: Target, coverage: Coverage): Promise<Uint8Array[]> {
  const blocks = await coverage.takeNew();
  if (blocks.length === 0) return [];
  if (inputs.length === 1) {
    coverage.learn(blocks);
    return [...inputs];
  }
  const middle = inputs.length >> 1;
  const found: Uint8Array[] = [];
  for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
    for (const input of half) await errorOf(target, input);
    found.push(...(await newcomers(half, target, coverage)));
  }
  // What only a sequence reaches is nobody's; it must not be looked for again and again.
  if (found.length === 0) coverage.learn(blocks);
  return found;
}
