import { Worker } from "node:worker_threads";
import type Database from "better-sqlite3";
import type { JournalRow } from "../model/store.ts";

/** So many spans are written between two checkpoints: some 16 MB of journal. */
const SPANS_BETWEEN = 131_072;

/** What SQLite does of its own accord, in pages; in force until the first checkpoint of ours, and should ours fail. */
const AUTOMATIC_PAGES = 4_000;
/** Beside ours: commits of few spans each, and what counts as none, fill pages too. Some 256 MiB. */
const BACKSTOP_PAGES = 16_000;

/**
 * Moves what is in the write-ahead log into the database beside the thread that writes. SQLite's own checkpoints happen
 * in a commit, and keep it for as long as some ten megabytes and two flushes take. Here another thread does the bulk, and
 * then, while commits are held back, the little that has come meanwhile: with nothing left in it the log begins anew
 * (https://sqlite.org/wal.html#ckpt). Who holds a commit back decodes meanwhile, and waits for no disk.
 */
export class Checkpoints {
  readonly #db: Database.Database;
  #worker: Worker | null = null;
  #spans = 0;
  #step: "none" | "bulk" | "rest" = "none";
  #rest = Promise.withResolvers<void>();

  constructor(db: Database.Database) {
    this.#db = db;
    db.pragma(`wal_autocheckpoint = ${AUTOMATIC_PAGES}`);
  }

  /** Resolves once nothing speaks against a commit. */
  async settled(): Promise<void> {
    if (this.#step === "rest") await this.#rest.promise;
  }

  /** Says what was committed. */
  add(rows: readonly JournalRow[]): void {
    for (const { batch } of rows) this.#spans += batch?.spanCount ?? 0;
    if (this.#step !== "none" || this.#spans < SPANS_BETWEEN) return;
    this.#spans = 0;
    try {
      this.#worker ??= this.#start();
      this.#ask("bulk");
    } catch {
      // A machine that has no thread to spare has a slower way still.
      this.#giveUp();
    }
  }

  /** Ends the thread; the log is whole without it. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#end();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), { workerData: this.#db.name });
    worker.unref();
    worker.on("message", () => (this.#step === "bulk" ? this.#ask("rest") : this.#end()));
    worker.on("error", () => this.#giveUp());
    this.#db.pragma(`wal_autocheckpoint = ${BACKSTOP_PAGES}`);
    return worker;
  }

  #ask(step: "bulk" | "rest"): void {
    this.#step = step;
    this.#worker?.postMessage(null);
  }

  #end(): void {
    this.#step = "none";
    this.#rest.resolve();
    this.#rest = Promise.withResolvers();
  }

  #giveUp(): void {
    this.close();
    if (this.#db.open) this.#db.pragma(`wal_autocheckpoint = ${AUTOMATIC_PAGES}`);
  }
}
