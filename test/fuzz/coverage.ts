import { type Profiler, Session } from "node:inspector/promises";

/** Tells which parts of `src/` ran, from V8's own counters. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  static async start(): Promise<Coverage> {
    const coverage = new Coverage();
    coverage.#session.connect();
    await coverage.#session.post("Profiler.enable");
    await coverage.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return coverage;
  }

  /** Blocks that are known. */
  get size(): number {
    return this.#seen.size;
  }

  /** The blocks that ran since the last call and are not known yet. */
  async takeNew(): Promise<readonly string[]> {
    const { result } = await this.#session.post("Profiler.takePreciseCoverage");
    const ran = result.filter(({ url }) => url.includes("/src/")).flatMap(blocksOf);
    return ran.filter((block) => !this.#seen.has(block));
  }

  learn(blocks: readonly string[]): void {
    for (const block of blocks) this.#seen.add(block);
  }

  async stop(): Promise<void> {
    await this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }
}

function blocksOf({ url, functions }: Profiler.ScriptCoverage): readonly string[] {
  const ranges = functions.flatMap((one) => one.ranges.filter(({ count }) => count > 0));
  return ranges.map(({ startOffset, endOffset }) => `${url}:${startOffset}-${endOffset}`);
}
