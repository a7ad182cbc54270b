import { setTimeout as sleep } from "node:timers/promises";
import type { LoadRing } from "./load-ring.ts";
import type { Answer, Sender } from "./sender.ts";

/** How a phase of the load is sent. */
export type Phase = {
  readonly seconds: number;
  readonly inFlight: number;
  /** Null: as fast as they are acknowledged. */
  readonly requestsASecond: number | null;
  /** Ends before its time when so many requests went out. */
  readonly requestsMax?: number;
};

/** What became of it. Latencies are from the moment a request was due to its acknowledgement. */
export type PhaseResult = {
  /** Spans acknowledged. */
  readonly spans: number;
  readonly requests: number;
  readonly seconds: number;
  readonly refusedForNow: number;
  /** Refused for good, or never answered. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What the generator itself took. */
  readonly generatorCpuSeconds: number;
};

/** Sends requests for a while, `inFlight` at a time, and waits for the last answers. */
export async function sendPhase(sender: Sender, ring: LoadRing, phase: Phase): Promise<PhaseResult> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const nextDue = schedule(phase, startMs);
  const tally = new Tally();
  const work = async (): Promise<void> => {
    for (let dueMs = await nextDue(); dueMs !== null; dueMs = await nextDue()) {
      const request = ring.next();
      tally.count(await sender.send(request), request.spans, performance.now() - dueMs);
      ring.release(request);
    }
  };
  await Promise.all(Array.from({ length: phase.inFlight }, work));
  const { user, system } = process.cpuUsage(cpu);
  return tally.result((performance.now() - startMs) / 1000, (user + system) / 1e6);
}

/** When the next request is due, once that moment has come; null when there is none any more. */
function schedule({ seconds, requestsASecond, requestsMax }: Phase, startMs: number): () => Promise<number | null> {
  const endMs = startMs + seconds * 1000;
  const countMax = requestsMax ?? Number.POSITIVE_INFINITY;
  let count = 0;
  return async () => {
    if (count >= countMax) return null;
    const dueMs = requestsASecond === null ? performance.now() : startMs + (count * 1000) / requestsASecond;
    count++;
    if (dueMs >= endMs) return null;
    // A request that is late because the ones before it were slow has waited all the same, so its due time counts.
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) return dueMs;
    await sleep(waitMs);
    return performance.now();
  };
}

/** Counts answers. */
class Tally {
  readonly #latencies: number[] = [];
  #spans = 0;
  #refusedForNow = 0;
  #failed = 0;

  count(answer: Answer, spans: number, ms: number): void {
    if (answer === "refused for now") this.#refusedForNow++;
    else if (answer !== "acknowledged") this.#failed++;
    else {
      this.#latencies.push(ms);
      this.#spans += spans;
    }
  }

  result(seconds: number, generatorCpuSeconds: number): PhaseResult {
    this.#latencies.sort((a, b) => a - b);
    return {
      spans: this.#spans,
      requests: this.#latencies.length + this.#refusedForNow + this.#failed,
      ...{ seconds, refusedForNow: this.#refusedForNow, failed: this.#failed, generatorCpuSeconds },
      p50Ms: quantile(this.#latencies, 0.5),
      p99Ms: quantile(this.#latencies, 0.99),
    };
  }
}

/** The value below which this share of the sorted values lies; NaN where there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
