import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { OperatingError } from "./model/operating-error.ts";
import { type EngineSetup, type OpenEngine, openEngine } from "./open-engine.ts";
import type { Answers, Ask, Failure, FromEngine, LoadedSummary, ToEngine } from "./thread-messages.ts";
import { Turns } from "./turns.ts";

// The engine's thread: decode, assemble, judge and record. The doors are on the main thread, which so answers at once
// whatever happens here. A bug here is not caught: it ends the thread and, with it, the process.

if (parentPort === null) throw new Error("expected to run as a worker thread");
await run(parentPort, workerData as EngineSetup);

async function run(port: MessagePort, setup: EngineSetup): Promise<void> {
  const send = (message: FromEngine): void => port.postMessage(message);
  try {
    const opened = await openEngine(setup, {
      log: (level, message) => send({ kind: "log", level, message }),
      starting: (step) => send({ kind: "starting", step }),
    });
    const turns = new Turns();
    port.on("message", ({ id, ask }: ToEngine) => {
      turns.add(() => {
        answer(ask, opened, setup).then(
          (value) => send({ kind: "answer", id, value }),
          (error: unknown) => send({ kind: "refusal", id, failure: failureOf(error) }),
        );
      });
    });
    send({ kind: "started", loaded: summarize(opened) });
  } catch (error) {
    send({ kind: "failed", failure: failureOf(error) });
  }
}

async function answer(ask: Ask, { engine, close }: OpenEngine, setup: EngineSetup): Promise<Answers[keyof Answers]> {
  switch (ask.kind) {
    case "take":
      return engine.take(ask.request);
    case "decide":
      return engine.decide(ask.request);
    case "readiness":
      return engine.readiness({});
    case "figures":
      return engine.figures();
    case "reload":
      engine.reload(setup.baselineDir);
      return null;
    case "stop":
      await close();
      return null;
  }
}

/** Only what was foreseen travels; anything else is a bug and is thrown on, out of the thread. */
function failureOf(error: unknown): Failure {
  if (!(error instanceof OperatingError)) {
    queueMicrotask(() => {
      throw error;
    });
    return { code: "storage-failed", message: "the collector has failed", causes: [] };
  }
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(cause.message);
  return { code: error.code, message: error.message, causes };
}

function summarize({ loaded: { baseline, warnings } }: OpenEngine): LoadedSummary {
  const { revision, files, services } = baseline;
  return { revision, files, services: services.size, warnings };
}
