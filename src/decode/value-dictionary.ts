import { sanitizeValue } from "../credential/sanitize-value.ts";
import type { Keep } from "../model/span-batch.ts";
import { equalRanges, hashRange } from "./byte-range.ts";
import type { WireReader } from "./wire-reader.ts";

const KEEPS: readonly Keep[] = ["text", "host", "path", "url", "query", "user-agent"];

/** Words of a slot: generation, hash, start in the request, length and keep, index into the dictionary. */
const SLOT = 5;
const SLOTS_AT_FIRST = 1024;

/**
 * A sender that picks values of one hash must not make every look-up a walk through all of them: past this many slots
 * a value is decoded again instead, and found by its text.
 */
const PROBES_MAX = 32;

/**
 * The dictionary of one batch: each distinct value of the request is decoded and sanitised once, then found by bytes.
 *
 * Hot path: an open-addressing table in one typed array, kept between requests and emptied by a new generation number.
 * It holds places in the request, not values, so that nothing unsanitised outlives the request.
 */
export class ValueDictionary {
  readonly #reader: WireReader;
  #slots = new Uint32Array(SLOTS_AT_FIRST * SLOT);
  #mask = SLOTS_AT_FIRST - 1;
  #used = 0;
  #generation = 0;
  #strings: string[] = [];
  readonly #indexByText = new Map<string, number>();
  readonly #indexByScalar: readonly Map<number | bigint | boolean, number>[] = KEEPS.map(() => new Map());

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  /** Starts an empty dictionary. */
  clear(): void {
    this.#generation = (this.#generation + 1) >>> 0;
    if (this.#generation === 0) {
      this.#slots.fill(0);
      this.#generation = 1;
    }
    this.#used = 0;
    this.#strings = [];
    this.#indexByText.clear();
    for (const indexes of this.#indexByScalar) indexes.clear();
  }

  /** The strings by index; they belong to the batch from now on. */
  get strings(): readonly string[] {
    return this.#strings;
  }

  /** The index of the sanitised text that stands at `start` to `end` of the request. */
  internText(keep: number, start: number, end: number): number {
    const view = this.#reader.view;
    const hash = hashRange(view, start, end, keep);
    const slots = this.#slots;
    const size = (end - start) * KEEPS.length + keep;
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const at = ((hash + probe) & this.#mask) * SLOT;
      if (slots[at] !== this.#generation) return this.#fill(at, hash, size, start);
      if (slots[at + 1] !== hash || slots[at + 3] !== size) continue;
      if (equalRanges(view, start, slots[at + 2] as number, end - start)) return slots[at + 4] as number;
    }
    return this.#add(keep, this.#reader.text(start, end));
  }

  /** The index of a number's or boolean's sanitised text. */
  internScalar(keep: number, scalar: number | bigint | boolean): number {
    const indexes = this.#indexByScalar[keep] as Map<number | bigint | boolean, number>;
    const known = indexes.get(scalar);
    if (known !== undefined) return known;
    const index = this.#add(keep, String(scalar));
    indexes.set(scalar, index);
    return index;
  }

  #fill(at: number, hash: number, size: number, start: number): number {
    const keep = size % KEEPS.length;
    const index = this.#add(keep, this.#reader.text(start, start + (size - keep) / KEEPS.length));
    const slots = this.#slots;
    slots[at] = this.#generation;
    slots[at + 1] = hash;
    slots[at + 2] = start;
    slots[at + 3] = size;
    slots[at + 4] = index;
    this.#used += 1;
    if (this.#used * 2 > this.#mask) this.#grow();
    return index;
  }

  /** Different values may be alike once they are sanitised; the dictionary holds distinct strings. */
  #add(keep: number, raw: string): number {
    const text = sanitizeValue(KEEPS[keep] as Keep, raw);
    const known = this.#indexByText.get(text);
    if (known !== undefined) return known;
    const index = this.#strings.length;
    this.#strings.push(text);
    this.#indexByText.set(text, index);
    return index;
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

/** The number under which a dictionary knows a way to reduce values. */
export function keepNumber(keep: Keep): number {
  return KEEPS.indexOf(keep);
}
