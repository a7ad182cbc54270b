import { OperatingError } from "./model/operating-error.ts";
import type { Store } from "./model/store.ts";

/** Hourly counts, and fingerprints past their credential's end, are kept for so long. */
const KEPT_MS = 30 * 86_400_000;
/** How identities were used: one that is used once a year is to be known by then. */
const IDENTITIES_KEPT_MS = 400 * 86_400_000;
const LOOK_EVERY_MS = 5_000;
const STEP_EVERY_MS = 50;

export type RetentionOptions = {
  readonly store: Pick<Store, "forget">;
  /** The wall's time. */
  readonly nowMs: () => number;
  readonly collectorMs: () => number;
  /** How long the assembler remembers producers at the most. */
  readonly producersMs: number;
  /** How often to look, and how long to leave to commits between two steps; 5 s and 50 ms unless said otherwise. */
  readonly everyMs?: number;
  readonly stepMs?: number;
};

/** Forgets what is too old, a little at a time, so that no commit has to wait for more than a few milliseconds. */
export function startRetention(options: RetentionOptions): { readonly stop: () => void } {
  const { store, nowMs, collectorMs, producersMs, everyMs = LOOK_EVERY_MS, stepMs = STEP_EVERY_MS } = options;
  let timer: NodeJS.Timeout;
  let isStopped = false;
  const later = (delayMs: number): void => {
    if (!isStopped) timer = setTimeout(() => void step(), delayMs);
  };
  const step = async (): Promise<void> => {
    const keptMs = nowMs() - KEPT_MS;
    const cutoffs = {
      countsMs: keptMs,
      fingerprintsMs: keptMs,
      identitiesMs: nowMs() - IDENTITIES_KEPT_MS,
      producersMs: collectorMs() - producersMs,
    };
    const isMore = await store.forget(cutoffs).catch(thenLater);
    later(isMore ? stepMs : everyMs);
  };
  later(everyMs);
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { stop };
}

/** A database that cannot be written says so with the commits. */
function thenLater(error: unknown): false {
  if (error instanceof OperatingError) return false;
  throw error;
}
