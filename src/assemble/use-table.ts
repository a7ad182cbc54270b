// Hot path: a look-up for every span that shows an id, a comparison for every hop. Typed arrays only.

import type { FingerprintTable } from "./fingerprint-table.ts";
import { TupleTable } from "./tuple-table.ts";

/** One use of an id, in numbers and words. */
export type Use = {
  /** The sender that presented it, -1 where it was not seen. */
  presenter: number;
  recipient: number;
  environment: number;
  operation: number;
  profile: number;
  outcome: number;
  startMs: number;
  /** Four words; zero where the credential has none. */
  readonly fingerprint: Uint32Array;
  /** Words of ids: trace (4), caller, callee, the caller's parent and the calling span, seen or not (2 each). */
  readonly ids: Uint32Array;
};

const INTEGERS = ["presenter", "recipient", "environment", "operation", "profile", "outcome"] as const;
const WORDS = 16;
const ROWS_AT_FIRST = 256;

export function createUse(): Use {
  return {
    presenter: -1,
    recipient: 0,
    environment: 0,
    operation: 0,
    profile: 0,
    outcome: 0,
    startMs: Number.NaN,
    fingerprint: new Uint32Array(4),
    ids: new Uint32Array(12),
  };
}

/** Ids as small integers, counted from 1, each with its earliest use. After a restart earlier numbers mean nothing. */
export class UseTable {
  #numbers = new TupleTable(ROWS_AT_FIRST);
  #base = 0;
  #integers = new Int32Array(ROWS_AT_FIRST * INTEGERS.length);
  #words = new Uint32Array(ROWS_AT_FIRST * WORDS);
  /** NaN where no use is known. */
  #startMs = new Float64Array(ROWS_AT_FIRST);
  readonly #tuple = new Int32Array(5);

  get size(): number {
    return this.#numbers.size;
  }

  /** The number of an id of a kind by the four words of its hash. */
  intern(kind: number, hash: Uint32Array, at: number): number {
    this.#tuple[0] = kind;
    for (let word = 0; word < 4; word++) this.#tuple[1 + word] = hash[at + word] ?? 0;
    const before = this.#numbers.size;
    const row = this.#numbers.add(this.#tuple, 5);
    if (row === before) this.#clearRow(row);
    return this.#base + row + 1;
  }

  /** The row of a number, -1 for none and for one of before a restart. */
  row(number: number): number {
    return number <= this.#base ? -1 : number - 1 - this.#base;
  }

  /** What an id is of: kind, and the four words of its hash. */
  part(row: number, position: number): number {
    return this.#numbers.at(row, position);
  }

  /** When the earliest use began; NaN where none is known. */
  startMs(row: number): number {
    return this.#startMs[row] ?? Number.NaN;
  }

  read(row: number, use: Use): Use {
    for (const [position, column] of INTEGERS.entries()) {
      use[column] = this.#integers[row * INTEGERS.length + position] ?? 0;
    }
    use.startMs = this.startMs(row);
    use.fingerprint.set(this.#words.subarray(row * WORDS, row * WORDS + 4));
    use.ids.set(this.#words.subarray(row * WORDS + 4, (row + 1) * WORDS));
    return use;
  }

  write(row: number, use: Use): void {
    for (const [position, column] of INTEGERS.entries()) {
      this.#integers[row * INTEGERS.length + position] = use[column];
    }
    this.#startMs[row] = use.startMs;
    this.#words.set(use.fingerprint, row * WORDS);
    this.#words.set(use.ids, row * WORDS + 4);
  }

  /** Whether the use of a row is of the fingerprint of a row of theirs. */
  isOf(row: number, fingerprints: FingerprintTable, known: number): boolean {
    for (let at = 0; at < 4; at++)
      if (this.#words[row * WORDS + at] !== fingerprints.word(known, at) >>> 0) return false;
    return true;
  }

  restart(): void {
    this.#base += this.#numbers.size;
    this.#numbers = new TupleTable(ROWS_AT_FIRST);
  }

  #clearRow(row: number): void {
    if (row >= this.#startMs.length) this.#grow();
    this.#startMs[row] = Number.NaN;
  }

  #grow(): void {
    const rows = this.#startMs.length * 2;
    const [integers, words] = [new Int32Array(rows * INTEGERS.length), new Uint32Array(rows * WORDS)];
    const startMs = new Float64Array(rows);
    integers.set(this.#integers);
    words.set(this.#words);
    startMs.set(this.#startMs);
    this.#integers = integers;
    this.#words = words;
    this.#startMs = startMs;
  }
}
