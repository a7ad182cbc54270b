import { join } from "node:path";
import { Random } from "../simulation/random.ts";
import { createLoad, type LoadRequest } from "./load.ts";
import { type LoadRun, runKilled, runUndisturbed } from "./run-load.ts";
import { differences, readStored, type Stored, settled, unsoundness } from "./stored.ts";
import { BASELINE } from "./trace-kinds.ts";
import { type Home, makeHome } from "./victim.ts";

const REQUESTS_PER_KILL = 8;
const REQUESTS_MIN = 60;

/** What a comparison came to. */
export type Comparison = {
  readonly kills: number;
  readonly requests: number;
  readonly spans: number;
  readonly sent: number;
  readonly resent: number;
  readonly restartMs: number;
  readonly edges: number;
  readonly alerts: number;
  readonly differences: readonly string[];
};

export type ComparisonOptions = {
  readonly folder: string;
  readonly seed: number;
  readonly kills: number;
  readonly progress: (kills: number, answered: number) => void;
};

/** Sends one load to a collector that is never killed and to one that is killed again and again; compares what is stored. */
export async function compareRuns({ folder, seed, kills, progress }: ComparisonOptions): Promise<Comparison> {
  const random = new Random(seed + 1);
  const load = createLoad(seed, Math.max(REQUESTS_MIN, kills * REQUESTS_PER_KILL));
  const calm = await makeHome(join(folder, "never-killed"), random, BASELINE);
  const home = await makeHome(join(folder, "killed"), random, BASELINE);
  const [expected, [run, actual]] = await Promise.all([
    runUndisturbed(calm, load).then((done) => finish(calm, done)),
    runKilled(home, load, { kills, random, progress }).then(async (done) => [done, await finish(home, done)] as const),
  ]);
  return {
    kills,
    requests: load.length,
    spans: sum(load),
    sent: run.figures.sent,
    resent: run.figures.sent - load.length,
    restartMs: median(run.restartMs),
    edges: count(expected, "edge "),
    alerts: count(expected, "alert "),
    differences: [...unsoundness(home), ...differences(expected, actual)],
  };
}

/** Lets the figures come to rest, ends the collector, and reads what it leaves. */
async function finish(home: Home, { victim }: LoadRun): Promise<Stored> {
  await settled(home);
  await victim.stop();
  return readStored(home);
}

function sum(load: readonly LoadRequest[]): number {
  return load.reduce((total, { spanCount }) => total + spanCount, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function count(stored: Stored, prefix: string): number {
  return [...stored.keys()].filter((name) => name.startsWith(prefix)).length;
}
