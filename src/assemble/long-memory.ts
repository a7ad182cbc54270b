import type { Presentation } from "../model/facts.ts";
import type { Memory, RememberedPairs, RememberedProducers, RememberedUses } from "../model/memory.ts";
import type { PairNames } from "./pair-memory.ts";
import type { PodTable } from "./pod-table.ts";
import type { PresentationTable } from "./presentation-table.ts";
import type { ProducerTable } from "./producer-table.ts";
import type { ReuseTable } from "./reuse-table.ts";

type Parts = {
  readonly producers: ProducerTable;
  readonly presentations: PresentationTable;
  readonly reuses: ReuseTable;
  readonly pods: PodTable;
  readonly names: PairNames;
};

/** What the assembler knows for longer than spans wait, and what the next run has to be told of it. */
export class LongMemory {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What is to be kept with the facts that were taken last, and with what was watched because of them. */
  take(): Memory {
    const { producers, presentations, reuses, names } = this.#parts;
    return { producers: producers.take(), pairs: presentations.takeMemory(names), uses: reuses.takeMemory() };
  }

  /** Knows producers of earlier runs again that came before a moment: those after it come with the replay. */
  restoreProducers(remembered: Iterable<RememberedProducers>, beforeMs: number): void {
    for (const producers of remembered) this.#parts.producers.restore(producers, beforeMs);
  }

  /** Knows pairs of earlier runs again, all of them; returns the newest credentials with several, at most so many. */
  restorePairs(remembered: Iterable<RememberedPairs>, countMax: number): Presentation[] {
    const { presentations, names } = this.#parts;
    for (const pairs of remembered) presentations.restore(pairs, names);
    return presentations.takeRestored(names, countMax);
  }

  /** Knows uses of ids of earlier runs again. */
  restoreUses(remembered: Iterable<RememberedUses>): void {
    for (const uses of remembered) this.#parts.reuses.restore(uses);
  }

  /** A replay begins: what it presents was restored, and is not to be noted from half of its context. */
  beginReplay(): void {
    this.#parts.presentations.isMuted = true;
    this.#parts.reuses.isMuted = true;
    this.#parts.pods.isMuted = true;
  }

  /** A replay has ended: what it brought back is kept already. */
  endReplay(): void {
    this.#parts.presentations.isMuted = false;
    this.#parts.reuses.isMuted = false;
    this.#parts.pods.isMuted = false;
    this.take();
  }
}
