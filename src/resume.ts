import { KEPT_MAX } from "./judge/told-facts.ts";
import { type NewShape, type Presentation, pairKey } from "./model/facts.ts";
import type { RememberedPairs } from "./model/memory.ts";
import type { JournalRow, StoreReader } from "./model/store.ts";
import { type Rooms, replay } from "./pipeline.ts";

const PROGRESS_EVERY_MS = 1_000;

export type ResumeOptions = {
  readonly windowMs: number;
  readonly producerMs: number;
  /** A clock that only has to run. */
  readonly clock: () => number;
  /** Called about once a second while the journal is read. */
  readonly progress: (soFar: Replayed) => void;
};

export type Resumed = Replayed & {
  /** Collector time at which the last run ended. */
  readonly endMs: number;
  /** Shapes that belong into the first commit. */
  readonly newShapes: readonly NewShape[];
};

/** What was read of the journal, of how much of it in time, and how long that took. */
export type Replayed = {
  readonly requests: number;
  readonly spans: number;
  readonly fraction: number;
  readonly seconds: number;
};

/**
 * Puts rooms where the last run ended: what outlives the window is told to them, and the spans that waited come in
 * again. Returns null for a store without a run.
 * Two windows of the journal hold every span that any waiting span may have met.
 */
export function resume(store: StoreReader, rooms: Rooms, options: ResumeOptions): Resumed | null {
  const { windowMs, producerMs, clock } = options;
  const startedMs = clock();
  const endMs = store.journalEndMs();
  if (endMs === null) return null;
  const { memory } = rooms.assembler;
  const fromMs = endMs - 2 * windowMs;
  // Producers from then on come with the replay: a consumer must find no producer that came after it.
  memory.restoreProducers(store.producers(endMs - 2 * producerMs), fromMs);
  memory.restoreUses(store.uses());
  const presentations = memory.restorePairs(remembered(store.pairs(), rooms), KEPT_MAX);
  rooms.verdicts.recall([], { presentations: presentations.map((presentation) => counted(presentation, store)) });
  const count = { requests: 0, spans: 0 };
  const soFar = (atMs: number): Replayed => {
    const seconds = (clock() - startedMs) / 1000;
    return { ...count, fraction: (atMs - fromMs) / (endMs - fromMs), seconds };
  };
  const newShapes = replay(observed(store.journal(fromMs), count, options, soFar), rooms);
  return { ...soFar(endMs), endMs, newShapes };
}

/** What was seen under an older key keeps that key's fingerprint. */
function* remembered(all: Iterable<RememberedPairs>, { decoder }: Rooms): Generator<RememberedPairs> {
  for (const pairs of all) {
    decoder.remember(pairs.fingerprints);
    yield pairs;
  }
}

/** With the hops that earlier runs told of each pair. */
function counted(presentation: Presentation, store: StoreReader): Presentation {
  const counts = store.pairCounts(presentation.fingerprint);
  return {
    ...presentation,
    pairs: presentation.pairs.map((pair) => ({ ...pair, count: counts.get(pairKey(pair)) ?? pair.count })),
  };
}

function* observed(
  rows: Iterable<JournalRow>,
  count: { requests: number; spans: number },
  { clock, progress }: ResumeOptions,
  soFar: (atMs: number) => Replayed,
): Generator<JournalRow> {
  let toldMs = clock();
  for (const row of rows) {
    yield row;
    if (row.batch === null) continue;
    count.requests++;
    count.spans += row.batch.spanCount;
    if (clock() < toldMs + PROGRESS_EVERY_MS) continue;
    toldMs = clock();
    progress(soFar(row.atMs));
  }
}
