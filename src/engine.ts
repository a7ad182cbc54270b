import { type LoadedBaseline, loadBaseline } from "./baseline-source.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { Alert } from "./model/alert.ts";
import { OperatingError } from "./model/operating-error.ts";
import type { Store } from "./model/store.ts";
import { changeBaseline, conclude, ingest, type Rooms } from "./pipeline.ts";
import type { ExportOutcome, ExportRequest, ReceiverLog } from "./receive/take-export.ts";
import type { Readiness } from "./review/api/api-server.ts";
import type { CollectorFigures } from "./review/api/metrics.ts";
import type { DecisionRequest } from "./review/decisions/decision-request.ts";

const GATHER_MS = 10;
const IDLE_MS = 250;
const EXPIRE_EVERY_MS = 60_000;
/** Requests that may wait for a commit; past it exporters are told to come back. */
const WAITING_MAX = 4_096;

export type EngineOptions = {
  readonly store: Store;
  readonly rooms: Rooms;
  readonly loaded: LoadedBaseline;
  readonly log: ReceiverLog;
};

/** What happens between the doors and the database: requests in, commits out, decisions and baselines in between. */
export class Engine {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #log: ReceiverLog;
  readonly #loop: CommitLoop;
  readonly #rejected: Record<string, number> = {};
  readonly #expiry: NodeJS.Timeout;
  #loaded: LoadedBaseline;
  #baselineProblem: string | null = null;
  #requests = 0;
  #refused = 0;
  #isStopping = false;

  constructor({ store, rooms, loaded, log }: EngineOptions) {
    this.#store = store;
    this.#rooms = rooms;
    this.#loaded = loaded;
    this.#log = log;
    this.#loop = new CommitLoop({
      store,
      conclude: () => conclude(rooms, nowMs()),
      gatherMs: GATHER_MS,
      idleMs: IDLE_MS,
      report: (message) => log("warn", message),
    });
    const changes = changeBaseline(loaded.baseline, rooms, nowMs());
    this.#loop.add(changes);
    this.#expiry = setInterval(() => this.#expire(), EXPIRE_EVERY_MS);
  }

  /** Takes one export request; resolves after its effects are committed. */
  async take(request: ExportRequest): Promise<ExportOutcome> {
    try {
      this.#requireRoom();
      const outcome = ingest(request, this.#rooms, nowMs());
      this.#requests++;
      if (outcome.rejectedSpans > 0) this.#rejected[outcome.message] = outcome.rejectedSpans;
      await this.#loop.committed();
      return outcome;
    } catch (error) {
      this.#refused++;
      throw error;
    }
  }

  async decide({ idOrKey, decision, actor }: DecisionRequest): Promise<Alert> {
    const { book } = this.#rooms;
    const changes = book.decide(idOrKey, decision, { nowMs: nowMs(), actor });
    this.#loop.requireWritable();
    book.keep(changes);
    this.#loop.add(changes);
    await this.#loop.committed();
    const alert = book.get(idOrKey);
    if (alert === null) throw new OperatingError("not-found", `cannot find alert ${idOrKey}`);
    return alert;
  }

  /** Loads the baseline again; an invalid one changes nothing and is reported until it is mended. */
  reload(path: string): void {
    try {
      const loaded = loadBaseline(path);
      this.#baselineProblem = null;
      if (loaded.baseline.revision === this.#loaded.baseline.revision) return;
      this.#loaded = loaded;
      this.#loop.add(changeBaseline(loaded.baseline, this.#rooms, nowMs()));
      this.saveBaseline(loaded).catch((error: unknown) => this.#log("warn", String(error)));
      for (const warning of loaded.warnings) this.#log("warn", warning);
      this.#log("info", `loaded the baseline, revision ${loaded.baseline.revision}`);
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      this.#baselineProblem = `${error.message}\nrevision ${this.#loaded.baseline.revision} stays in force`;
      this.#log("warn", this.#baselineProblem);
    }
  }

  async saveBaseline({ baseline, files }: LoadedBaseline): Promise<void> {
    if (files.length === 0) return;
    await this.#store.saveBaseline({ revision: baseline.revision, loadedAtMs: nowMs(), files });
  }

  readiness(details: Readonly<Record<string, unknown>>): Readiness {
    const storage = this.#loop.failure;
    const problems = [
      ...(this.#baselineProblem === null ? [] : [this.#baselineProblem]),
      ...(storage instanceof Error ? [storage.message] : []),
      ...(this.#isStopping ? ["shutting down"] : []),
    ];
    const { revision, services, files } = this.#loaded.baseline;
    const baseline = { revision, services: services.size, files };
    // With the old revision still in force, an invalid file is a problem to show and no reason to send traffic away.
    return { isReady: !(storage instanceof Error) && !this.#isStopping, problems, details: { ...details, baseline } };
  }

  figures(): CollectorFigures {
    const { assembler, book } = this.#rooms;
    return {
      ...assembler.figures(),
      requests: this.#requests,
      requestsRefused: this.#refused,
      spansRejected: this.#rejected,
      commits: this.#loop.commits,
      commitSeconds: this.#loop.commitSeconds,
      queueBytes: 0,
      openAlerts: book.openCounts(),
      baselineRevision: this.#loaded.baseline.revision,
    };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#expiry);
    await this.#loop.stop();
  }

  #requireRoom(): void {
    if (this.#isStopping) throw new OperatingError("shutting-down", "the collector is shutting down; send again later");
    this.#loop.requireWritable();
    if (this.#loop.waiting >= WAITING_MAX) {
      throw new OperatingError("overloaded", "too many requests wait to be written; send again later");
    }
  }

  #expire(): void {
    const changes = this.#rooms.book.expire(nowMs());
    this.#rooms.book.keep(changes);
    this.#loop.add(changes);
  }
}

/** Collector time: starts at the wall clock's and then only advances, whatever happens to that clock. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
