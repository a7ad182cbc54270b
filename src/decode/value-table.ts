import { equalRange, hashRange } from "./byte-range.ts";

/** Words of a slot: generation, hash, where the bytes stand, length and keep, what the value is known as. */
const SLOT = 5;
const SLOTS_AT_FIRST = 1024;
const KEEPS_MAX = 8;

/**
 * A sender that picks values of one hash must not make every look-up a walk through all of them: what is not found
 * within so many slots is not found, and what has no place there is not kept.
 */
const PROBES_MAX = 32;

/** What a table is asked for: bytes that stand somewhere, and how they are reduced. Used again for every value. */
export class ValueKey {
  view: DataView = new DataView(new ArrayBuffer(0));
  start = 0;
  length = 0;
  keep = 0;
  hash = 0;

  set(view: DataView, start: number, length: number): this {
    this.view = view;
    this.start = start;
    this.length = length;
    return this;
  }

  /** Says how the bytes are reduced; after this the key is whole. */
  for(keep: number): this {
    this.keep = keep;
    this.hash = hashRange(this, keep);
    return this;
  }
}

/**
 * Finds the numbers of values by their bytes, which stand elsewhere: the table holds places only.
 * Hot path (`npm run bench -- stages`): open addressing in one typed array, emptied by a new generation number.
 */
export class ValueTable {
  #slots = new Uint32Array(SLOTS_AT_FIRST * SLOT);
  #mask = SLOTS_AT_FIRST - 1;
  #used = 0;
  #generation = 1;

  /** Forgets all values. */
  clear(): void {
    this.#used = 0;
    this.#generation = (this.#generation + 1) >>> 0;
    if (this.#generation !== 0) return;
    this.#slots.fill(0);
    this.#generation = 1;
  }

  /** The number of the value with these bytes, or -1; `held` is where the bytes of all values stand. */
  find(key: ValueKey, held: DataView): number {
    const slots = this.#slots;
    const size = sizeOf(key);
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const at = ((key.hash + probe) & this.#mask) * SLOT;
      if (slots[at] !== this.#generation) return -1;
      if (slots[at + 1] !== key.hash || slots[at + 3] !== size) continue;
      if (equalRange(key, held, slots[at + 2] as number)) return slots[at + 4] as number;
    }
    return -1;
  }

  /** Adds a value that was not found, and whose bytes stand at `place`. */
  add(key: ValueKey, place: number, number: number): void {
    const slots = this.#slots;
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const at = ((key.hash + probe) & this.#mask) * SLOT;
      if (slots[at] === this.#generation) continue;
      slots[at] = this.#generation;
      slots[at + 1] = key.hash;
      slots[at + 2] = place;
      slots[at + 3] = sizeOf(key);
      slots[at + 4] = number;
      this.#used += 1;
      if (this.#used * 2 > this.#mask) this.#grow();
      return;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from] !== this.#generation) continue;
      let slot = (old[from + 1] as number) & this.#mask;
      while (this.#slots[slot * SLOT] === this.#generation) slot = (slot + 1) & this.#mask;
      this.#slots.set(old.subarray(from, from + SLOT), slot * SLOT);
    }
  }
}

function sizeOf({ length, keep }: ValueKey): number {
  return length * KEEPS_MAX + keep;
}
