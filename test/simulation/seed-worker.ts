import { parentPort } from "node:worker_threads";
import { type Batch, runBatch } from "./run-batch.ts";

// A thread of `npm run simulate`: simulates the seeds it is handed, and tells what came of them.

parentPort?.on("message", (batch: Batch) => parentPort?.postMessage(runBatch(batch)));
