import { OperatingError } from "./model/operating-error.ts";
import { type CommitBatch, EMPTY_COMMIT, type Store } from "./model/store.ts";

/** Exporters wait for their answer this long at the most, the commit itself aside. */
const GATHER_MAX_MS = 50;
/** Of how many commits the cost of one is a mean: a single dear one, in which memory was collected say, is no reason to wait. */
const COSTS_MEANT = 16;
/** So many spans are worth a commit of their own: waiting for more would only keep their exporters waiting. */
const GATHER_SPANS = 4_096;

type Waiter = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

export type CommitLoopOptions = {
  readonly store: Pick<Store, "commit" | "isHolding" | "sync">;
  /** Everything that has to be written now. */
  readonly conclude: () => CommitBatch;
  /** How long requests gather before they are committed together. */
  readonly gatherMs: number;
  /** How often time passes when nothing comes in. */
  readonly idleMs: number;
  readonly report: (message: string) => void;
};

/**
 * Group commit: what came in within a few milliseconds is one transaction, and is answered after it.
 * What a failed commit would have written is kept and goes into the next one, so the store never misses a part; while
 * it fails, nothing more is taken in.
 */
export class CommitLoop {
  readonly #options: CommitLoopOptions;
  #waiters: Waiter[] = [];
  #spans = 0;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();
  #unwritten: CommitBatch = EMPTY_COMMIT;
  #failure: unknown = null;
  #isStopped = false;
  #commitMs = 0;
  commits = 0;
  commitSeconds = 0;

  constructor(options: CommitLoopOptions) {
    this.#options = options;
    this.#schedule(options.idleMs);
  }

  /** The reason the store cannot be written, or null while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Requests that wait for their commit. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Throws while the store cannot be written: a request taken in now would have to be refused later. */
  requireWritable(): void {
    if (this.#failure !== null) throw retryable(this.#failure);
  }

  /** Resolves once everything that was taken in before this call, with `spans` spans since the last, is committed. */
  committed(spans = 0): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push({ resolve, reject });
    this.#spans += spans;
    this.#schedule(this.#spans >= GATHER_SPANS ? 0 : this.#gatherMs());
    return promise;
  }

  /** Adds changes that came from elsewhere, a person's decision say, to the next commit. */
  add(part: Partial<CommitBatch>): void {
    this.#unwritten = merge(this.#unwritten, { ...EMPTY_COMMIT, ...part });
  }

  /** Commits what is left and ends. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
    await this.#commit();
  }

  /** The dearer commits are, the more requests share one: at most a fifth of the time goes into them. */
  #gatherMs(): number {
    return Math.min(GATHER_MAX_MS, Math.max(this.#options.gatherMs, 4 * this.#commitMs));
  }

  #schedule(delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    if (this.#isStopped || (this.#timer !== null && dueMs >= this.#dueMs)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#running.then(() => this.#commit()).finally(() => this.#schedule(this.#options.idleMs));
    }, delayMs);
  }

  /** While the disk is waited for, more comes in and more is added: it belongs to the next commit. */
  async #commit(): Promise<void> {
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#spans = 0;
    const startMs = performance.now();
    const batch = merge(this.#unwritten, this.#options.conclude());
    this.#unwritten = EMPTY_COMMIT;
    try {
      if (!isEmpty(batch) || this.#options.store.isHolding()) await this.#options.store.commit(batch);
    } catch (error) {
      this.#fail(error, batch, waiters);
      return;
    } finally {
      this.#measure(performance.now() - startMs);
    }
    if (!isEmpty(batch)) await this.#options.store.sync();
    if (this.#failure !== null) this.#options.report("the database can be written again");
    this.#failure = null;
    for (const { resolve } of waiters) resolve();
  }

  #measure(ms: number): void {
    this.commits++;
    this.#commitMs += (ms - this.#commitMs) / COSTS_MEANT;
    this.commitSeconds += ms / 1000;
  }

  #fail(error: unknown, batch: CommitBatch, waiters: readonly Waiter[]): void {
    if (!(error instanceof OperatingError)) throw error;
    if (this.#failure === null) this.#options.report(`${error.message}; export requests are refused until it can be`);
    this.#unwritten = merge(batch, this.#unwritten);
    this.#failure = error;
    for (const { reject } of waiters) reject(retryable(error));
  }
}

function retryable(error: unknown): OperatingError {
  const code = error instanceof OperatingError && error.code === "storage-full" ? "storage-full" : "storage-failed";
  return new OperatingError(code, "cannot write the database now; send again later", { cause: error });
}

function isEmpty(batch: CommitBatch): boolean {
  return Object.values(batch).every((part) => part.length === 0);
}

function merge(first: CommitBatch, second: CommitBatch): CommitBatch {
  if (first === EMPTY_COMMIT) return second;
  return {
    journal: [...first.journal, ...second.journal],
    newShapes: [...first.newShapes, ...second.newShapes],
    counts: [...first.counts, ...second.counts],
    relays: [...first.relays, ...second.relays],
    exchanges: [...first.exchanges, ...second.exchanges],
    reuses: [...first.reuses, ...second.reuses],
    telemetry: [...first.telemetry, ...second.telemetry],
    presentations: [...first.presentations, ...second.presentations],
    services: [...first.services, ...second.services],
    aliases: [...first.aliases, ...second.aliases],
    identityUses: [...first.identityUses, ...second.identityUses],
    alerts: [...first.alerts, ...second.alerts],
    audit: [...first.audit, ...second.audit],
    baselines: [...first.baselines, ...second.baselines],
    producers: [...first.producers, ...second.producers],
    pairs: [...first.pairs, ...second.pairs],
    uses: [...first.uses, ...second.uses],
  };
}
