import { Worker } from "node:worker_threads";
import { type Batch, type BatchResult, runBatch } from "./run-batch.ts";

/** Seeds that a thread is handed at once: few enough that all end at about the same time. */
const BATCH = 100;

/** Which seeds to run, on how many threads; one is this thread. `tell` hears of each batch, and stops it all with false. */
export type Run = Batch & { readonly jobs: number; readonly tell: (result: BatchResult) => boolean };

/** Simulates many seeds, batch by batch, in no certain order where there are several threads. */
export async function runSeeds(run: Run): Promise<void> {
  const batches = split(run);
  if (run.jobs > 1) return await runOnThreads(run, batches);
  for (const batch of batches) if (!run.tell(runBatch(batch))) return;
}

async function runOnThreads({ jobs, tell }: Run, batches: Iterator<Batch>): Promise<void> {
  const workers = Array.from({ length: jobs }, () => new Worker(new URL("./seed-worker.ts", import.meta.url)));
  try {
    await Promise.all(workers.map((worker) => feed(worker, batches, tell)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Hands a thread one batch after the other until there are none, or nobody wants more. */
function feed(worker: Worker, batches: Iterator<Batch>, tell: Run["tell"]): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const { done, value } = batches.next();
      if (done === true) resolve();
      else worker.postMessage(value);
    };
    worker.on("error", reject);
    // Seeds that nobody ran must not count as sound. Once all is over, nobody hears this.
    worker.on("exit", (code) => reject(new Error(`expected the thread to go on, got its end with code ${code}`)));
    worker.on("message", (result: BatchResult) => {
      // Returning ends it for the other threads as well.
      if (!tell(result)) batches.return?.();
      next();
    });
    next();
  });
}

function* split({ first, count, manner }: Batch): Generator<Batch, undefined> {
  for (let from = first; from < first + count; from += BATCH) {
    yield { first: from, count: Math.min(BATCH, first + count - from), manner };
  }
}
