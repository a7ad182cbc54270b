import { ASSEMBLER_DEFAULTS } from "./assemble/assembler.ts";
import { type LoadedBaseline, loadBaseline } from "./baseline-source.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { Alert } from "./model/alert.ts";
import { OperatingError } from "./model/operating-error.ts";
import type { SpanBatch } from "./model/span-batch.ts";
import { type CommitBatch, DIGESTS_KEPT_MS, type JournalRow, type Store } from "./model/store.ts";
import { changeBaseline, conclude, decode, outcomeOf, type Rooms, review } from "./pipeline.ts";
import type { ExportOutcome, ExportRequest, ReceiverLog } from "./receive/take-export.ts";
import { requestDigest } from "./request-digest.ts";
import { startRetention } from "./retention.ts";
import type { Readiness } from "./review/api/api-server.ts";
import type { CollectorFigures } from "./review/api/metrics.ts";
import type { DecisionRequest } from "./review/decisions/decision-request.ts";

const GATHER_MS = 5;
const IDLE_MS = 250;
const EXPIRE_EVERY_MS = 60_000;
const REVIEW_EVERY_MS = 86_400_000;
/** Time is looked at several times a second; what passes between two looks beyond this, nobody could have used. */
const LOOK_MS_MAX = 1_000;
/** Requests that may wait for a commit; past it exporters are told to come back. */
const WAITING_MAX = 4_096;

export type EngineOptions = {
  readonly store: Store;
  readonly rooms: Rooms;
  readonly loaded: LoadedBaseline;
  readonly log: ReceiverLog;
  /** Requests that earlier runs took, by digest. */
  readonly digests: ReadonlyMap<string, number>;
  /** What the first commit has to write. */
  readonly first: Partial<CommitBatch>;
  /** Collector time at the start: where the journal ends. */
  readonly startMs: number;
};

/** What happens between the doors and the database: requests in, commits out, decisions and baselines in between. */
export class Engine {
  readonly #rooms: Rooms;
  readonly #log: ReceiverLog;
  readonly #loop: CommitLoop;
  readonly #rejected: Record<string, number> = {};
  readonly #expiry: NodeJS.Timeout;
  /** What came in since the last commit. */
  #journal: JournalRow[] = [];
  /** Requests taken lately, by digest; those sent again are answered and not taken again. */
  readonly #digests: Map<string, number>;
  readonly #retention: { readonly stop: () => void };
  #collectorTimeMs: number;
  #lookedMs = performance.now();
  #reviewedMs = Number.NEGATIVE_INFINITY;
  #loaded: LoadedBaseline;
  #baselineProblem: string | null = null;
  #requests = 0;
  #refused = 0;
  #redelivered = 0;
  #isStopping = false;

  constructor({ store, rooms, loaded, log, digests, startMs, first }: EngineOptions) {
    this.#digests = new Map(digests);
    this.#collectorTimeMs = startMs;
    this.#rooms = rooms;
    this.#loaded = loaded;
    this.#log = log;
    this.#loop = new CommitLoop({
      store,
      conclude: () => this.#conclude(),
      gatherMs: GATHER_MS,
      idleMs: IDLE_MS,
      report: (message) => log("warn", message),
    });
    this.#loop.add(first);
    this.#expiry = setInterval(() => this.#expire(), EXPIRE_EVERY_MS);
    const producersMs = 2 * ASSEMBLER_DEFAULTS.producerMs;
    this.#retention = startRetention({ store, nowMs, collectorMs: () => this.#collectorMs(), producersMs });
  }

  /** Takes one export request; resolves after its effects are committed. */
  async take(request: ExportRequest): Promise<ExportOutcome> {
    try {
      this.#requireRoom();
      const batch = this.#takeOnce(request);
      this.#requests++;
      await this.#loop.committed(batch.spanCount);
      return outcomeOf(batch);
    } catch (error) {
      this.#refused++;
      throw error;
    }
  }

  /** An exporter that was not answered in time sends the same again: that has its effect already. */
  #takeOnce(request: ExportRequest): SpanBatch {
    const batch = decode(request, this.#rooms);
    const digest = requestDigest(request.bytes, batch);
    if (this.#digests.has(digest)) {
      this.#redelivered++;
      return batch;
    }
    const atMs = this.#collectorMs();
    this.#rooms.assembler.add(batch, atMs, nowMs(), request.principal);
    this.#journal.push({ atMs, batch, digest });
    this.#remember(digest, atMs);
    for (const [reason, count] of batch.rejected) this.#rejected[reason] = (this.#rejected[reason] ?? 0) + count;
    return batch;
  }

  #remember(digest: string, atMs: number): void {
    this.#digests.set(digest, atMs);
    for (const [oldest, takenMs] of this.#digests) {
      if (takenMs > atMs - DIGESTS_KEPT_MS) return;
      this.#digests.delete(oldest);
    }
  }

  /** Time passes with every commit that has something to write; when nothing came of it, nothing is written. */
  #conclude(): CommitBatch {
    const atMs = this.#collectorMs();
    const batch = conclude(this.#rooms, atMs, nowMs());
    const hasFacts = Object.values(batch).some((part) => part.length > 0);
    const tick = hasFacts ? [{ atMs, batch: null, digest: null }] : [];
    const journal = [...this.#journal, ...tick];
    this.#journal = [];
    return { ...batch, journal };
  }

  /**
   * Goes on where the last run ended: spans that waited then have not waited since. While the machine sleeps, or this
   * process is stopped, time stands still as well: what came in meanwhile is to be read before anything is given up.
   */
  #collectorMs(): number {
    const lookedMs = performance.now();
    this.#collectorTimeMs += Math.min(lookedMs - this.#lookedMs, LOOK_MS_MAX);
    this.#lookedMs = lookedMs;
    return this.#collectorTimeMs;
  }

  async decide({ idOrKey, decision, actor }: DecisionRequest): Promise<Alert> {
    const { book } = this.#rooms;
    const changes = book.decide(idOrKey, decision, { nowMs: nowMs(), actor });
    this.#loop.requireWritable();
    book.keep(changes);
    this.#loop.add(changes);
    await this.#loop.committed().catch((error: unknown) => {
      throw decidedUnwritten(error);
    });
    const alert = book.get(idOrKey);
    if (alert === null) throw new OperatingError("not-found", `cannot find alert ${idOrKey}`);
    return alert;
  }

  /** Loads the baseline again; an invalid one changes nothing and is reported until it is mended. */
  reload(path: string): void {
    try {
      const loaded = loadBaseline(path, nowMs());
      this.#baselineProblem = null;
      if (loaded.baseline.revision === this.#loaded.baseline.revision) return;
      this.#loaded = loaded;
      this.#loop.add(putInForce(loaded, this.#rooms));
      for (const warning of loaded.warnings) this.#log("warn", warning);
      this.#log("info", `loaded the baseline, revision ${loaded.baseline.revision}`);
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      this.#baselineProblem = `${error.message}\nrevision ${this.#loaded.baseline.revision} stays in force`;
      this.#log("warn", this.#baselineProblem);
    }
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
      requestsRedelivered: this.#redelivered,
      spansRejected: this.#rejected,
      commits: this.#loop.commits,
      commitSeconds: this.#loop.commitSeconds,
      // What waits in front of the engine is known to who put it there.
      queueBytes: 0,
      openAlerts: book.openCounts(),
      baselineRevision: this.#loaded.baseline.revision,
    };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#expiry);
    this.#retention.stop();
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
    if (nowMs() < this.#reviewedMs + REVIEW_EVERY_MS) return;
    this.#reviewedMs = nowMs();
    this.#loop.add(review(this.#rooms, nowMs()));
  }
}

/** Judges everything again under a loaded baseline; with what that changes, the store learns that it is the last one. */
export function putInForce({ baseline, files }: LoadedBaseline, rooms: Rooms): Partial<CommitBatch> {
  const atMs = nowMs();
  const loaded = { revision: baseline.revision, loadedAtMs: atMs, files };
  return { ...changeBaseline(baseline, rooms, atMs), baselines: [loaded] };
}

/** The wall clock's time at the process's start and what has passed since: it never goes back. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** The decision stands and will be written with the rest; to decide again would only find it decided. */
function decidedUnwritten(cause: unknown): OperatingError {
  const message = "the decision is taken, but the database cannot be written now; it will be written when it can";
  return new OperatingError("storage-failed", message, { cause });
}
