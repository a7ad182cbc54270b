import { Worker } from "node:worker_threads";
import { OperatingError } from "./model/operating-error.ts";
import type { EngineSetup } from "./open-engine.ts";
import type { ReceiverLog } from "./receive/take-export.ts";
import type { Answers, Ask, Failure, FromEngine, LoadedSummary, ToEngine } from "./thread-messages.ts";

/** Bytes of requests that may be on their way through the engine; past it exporters are told to come back. */
const BYTES_MAX = 64 * 1024 * 1024;

/** More than Node hands out at once of what it read from a socket. */
const CHUNK_BYTES_MAX = 128 * 1024;
const FRAME_BYTES = 5;

/** V8's young generation. A batch lives until its commit, so collecting a larger one copies more, for 15 to 30 ms. */
const YOUNG_MIB = 8;

type Waiter = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/** The engine in its own thread, as the main thread sees it. */
export class EngineThread {
  readonly #worker: Worker;
  readonly #log: ReceiverLog;
  readonly #waiters = new Map<number, Waiter>();
  readonly #opening = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<LoadedSummary>();
  readonly #failed = Promise.withResolvers<never>();
  /** What it is doing until it has started. */
  #step: string | null = "starting";
  #nextId = 0;
  #isStopping = false;
  #bytes = 0;
  #refused = 0;

  constructor(setup: EngineSetup, log: ReceiverLog) {
    this.#log = log;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    this.#worker.on("message", (message: FromEngine) => this.#receive(message));
    this.#worker.on("error", (error: Error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(new Error("the engine's thread has ended")));
    // Looked at by whoever runs the collector; until then it must not count as unhandled.
    for (const { promise } of [this.#failed, this.#opening, this.#started]) promise.catch(() => undefined);
  }

  /** Resolves once the database is its own, however long the start takes from there; rejects like `started`. */
  get opening(): Promise<void> {
    return this.#opening.promise;
  }

  /** What it is doing, in words, before it has started; null from then on. */
  get step(): string | null {
    return this.#step;
  }

  /** Resolves once spans can be taken; rejects with the `OperatingError` that prevents it. */
  get started(): Promise<LoadedSummary> {
    return this.#started.promise;
  }

  /** Rejects when the thread has ended unasked: a collector without its engine would only look alive. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Bytes of requests that are not answered yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Requests refused here because too many bytes were on their way. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes one export request; resolves after its effects are committed. */
  async take(request: Extract<Ask, { kind: "take" }>["request"]): Promise<Answers["take"]> {
    const size = request.bytes.length;
    if (this.#bytes + size > BYTES_MAX) {
      this.#refused++;
      throw new OperatingError("overloaded", "more export requests come in than can be taken; send again later");
    }
    this.#bytes += size;
    try {
      const bytes = movable(request.bytes);
      return await this.#ask({ kind: "take", request: { ...request, bytes } }, [bytes.buffer as ArrayBuffer]);
    } finally {
      this.#bytes -= size;
    }
  }

  /** Asks for anything else. */
  ask<Kind extends Exclude<Ask["kind"], "take">>(ask: Extract<Ask, { kind: Kind }>): Promise<Answers[Kind]> {
    return this.#ask(ask, []);
  }

  /** Commits and answers what was taken, and ends the thread; one that has not started has nothing to commit. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#step === null) await this.ask({ kind: "stop" });
    await this.#worker.terminate();
  }

  #ask<Answer>(ask: Ask, transfer: ArrayBuffer[]): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const id = this.#nextId++;
    this.#waiters.set(id, { resolve, reject });
    this.#worker.postMessage({ id, ask } satisfies ToEngine, transfer);
    return promise;
  }

  #receive(message: FromEngine): void {
    switch (message.kind) {
      case "starting":
        this.#step = message.step;
        this.#opening.resolve();
        break;
      case "started":
        this.#step = null;
        this.#started.resolve(message.loaded);
        break;
      case "failed":
        this.#isStopping = true;
        this.#rejectStart(errorOf(message.failure));
        break;
      case "log":
        this.#log(message.level, message.message);
        break;
      case "answer":
        this.#waiterOf(message.id)?.resolve(message.value as never);
        break;
      case "refusal":
        this.#waiterOf(message.id)?.reject(errorOf(message.failure));
        break;
    }
  }

  #waiterOf(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    return waiter;
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiters.values()) reject(new OperatingError("shutting-down", "the collector ended"));
    this.#waiters.clear();
    if (this.#isStopping) return;
    this.#rejectStart(error);
    this.#failed.reject(error);
  }

  #rejectStart(error: Error): void {
    this.#opening.reject(error);
    this.#started.reject(error);
  }
}

function errorOf({ code, message, causes }: Failure): OperatingError {
  const cause = causes.reduceRight<Error | undefined>((inner, text) => new Error(text, { cause: inner }), undefined);
  return new OperatingError(code, message, { cause });
}

/**
 * Bytes that own their memory move to the other thread; those that share it with others are copied first. What is
 * longer than any chunk or pool of Node's was put together for us, the five bytes of gRPC's frame in front of it.
 */
function movable(bytes: Uint8Array): Uint8Array {
  const { buffer, length } = bytes;
  const isOwner =
    buffer instanceof ArrayBuffer && buffer.byteLength - length <= (length > CHUNK_BYTES_MAX ? FRAME_BYTES : 0);
  return isOwner ? bytes : Uint8Array.from(bytes);
}
