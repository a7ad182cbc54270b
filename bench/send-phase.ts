import { setTimeout as sleep } from "node:timers/promises";
import { type LoadRequest, SPANS_A_REQUEST, stampRound } from "./load.ts";
import type { Sender } from "./sender.ts";

/** How a phase of the load is sent. */
export type Phase = {
  readonly seconds: number;
  readonly inFlight: number;
  /** Null: as fast as they are acknowledged. */
  readonly requestsASecond: number | null;
};

/** What became of it. Latencies are from the moment a request was due to its acknowledgement. */
export type PhaseResult = {
  readonly spans: number;
  readonly seconds: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** The load as a ring without end: each round goes out under trace ids of its own. */
export class LoadRing {
  readonly #requests: readonly LoadRequest[];
  #sent = 0;

  constructor(requests: readonly LoadRequest[]) {
    this.#requests = requests;
  }

  /** Leaves the rest of the round out: a new receiver would see half of its traces. */
  startRound(): void {
    const count = Math.max(1, this.#requests.length);
    this.#sent = Math.ceil(this.#sent / count) * count;
  }

  next(): LoadRequest {
    const count = this.#requests.length;
    const request = this.#requests[this.#sent % count] as LoadRequest;
    stampRound(request, Math.floor(this.#sent / count));
    this.#sent++;
    return request;
  }
}

/** Sends requests for a while, `inFlight` at a time, and waits for the last answers. */
export async function sendPhase(sender: Sender, ring: LoadRing, phase: Phase): Promise<PhaseResult> {
  const startMs = performance.now();
  const endMs = startMs + phase.seconds * 1000;
  const latencies: number[] = [];
  let refused = 0;
  let due = 0;
  const work = async (): Promise<void> => {
    for (let dueMs = await nextDue(); dueMs < endMs; dueMs = await nextDue()) {
      if (await sender.send(ring.next().frame)) latencies.push(performance.now() - dueMs);
      else refused++;
    }
  };
  // A request that is late because the ones before it were slow has waited all the same, so its due time counts.
  const nextDue = async (): Promise<number> => {
    if (phase.requestsASecond === null) return performance.now();
    const dueMs = startMs + (due++ * 1000) / phase.requestsASecond;
    if (dueMs <= performance.now() || dueMs >= endMs) return dueMs;
    await sleep(dueMs - performance.now());
    return performance.now();
  };
  await Promise.all(Array.from({ length: phase.inFlight }, work));
  latencies.sort((a, b) => a - b);
  return {
    spans: latencies.length * SPANS_A_REQUEST,
    seconds: (performance.now() - startMs) / 1000,
    refused,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
