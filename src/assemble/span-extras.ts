// Hot path only for spans that show what few do. Columns grow by doubling; what leaves makes room for what comes.

import type { SpanRing } from "./span-ring.ts";

const INTEGERS = [
  "peerIdentity",
  "second",
  "secondProfile",
  "transaction",
  "proof",
  "received",
  "receivedSecond",
  "receivedProfile",
  "automated",
] as const;
const TIMES = ["secondExpiresAtS", "validFromS"] as const;
const ROWS_AT_FIRST = 64;

/**
 * What few waiting spans show or were handed down, in columns of its own: a span has at most one row here, whose number
 * stands in the ring's column `extra`, 0 for none. Every column is 0 where nothing is known.
 */
export class SpanExtras {
  /** The far end by its certificate. */
  peerIdentity = new Int32Array(ROWS_AT_FIRST);
  /** Fingerprint and profile of the span's second credential. */
  second = new Int32Array(ROWS_AT_FIRST);
  secondProfile = new Int32Array(ROWS_AT_FIRST);
  /** Numbers of the transaction and of the proof that were presented. */
  transaction = new Int32Array(ROWS_AT_FIRST);
  proof = new Int32Array(ROWS_AT_FIRST);
  /** What was received above, as the parent knew it when it left: two fingerprints, and the profile of the first. */
  received = new Int32Array(ROWS_AT_FIRST);
  receivedSecond = new Int32Array(ROWS_AT_FIRST);
  receivedProfile = new Int32Array(ROWS_AT_FIRST);
  /** 1 where, as far as the parent knew, nobody had called its service. */
  automated = new Int32Array(ROWS_AT_FIRST);
  /** `exp` of the second credential in seconds; NaN where unknown. */
  secondExpiresAtS = new Float64Array(ROWS_AT_FIRST);
  /** `nbf` or `iat` in seconds, whichever is later, of a credential that the span's own clock has not reached; else NaN. */
  validFromS = new Float64Array(ROWS_AT_FIRST);
  readonly #ring: SpanRing;
  /** Rows given back; the next one is taken from the end. */
  readonly #free: number[] = [];
  #next = 1;

  constructor(ring: SpanRing) {
    this.#ring = ring;
  }

  /** The row of a span, 0 where it has none. */
  rowOf(span: number): number {
    return this.#ring.extra[span & this.#ring.mask] ?? 0;
  }

  /** The row of a span, a new one where it has none. */
  ensure(span: number): number {
    const known = this.rowOf(span);
    if (known !== 0) return known;
    const row = this.#free.pop() ?? this.#next++;
    if (row >= this.validFromS.length) this.#grow();
    for (const column of INTEGERS) this[column][row] = 0;
    for (const column of TIMES) this[column][row] = Number.NaN;
    this.#ring.extra[span & this.#ring.mask] = row;
    return row;
  }

  /** A span leaves. */
  release(span: number): void {
    const row = this.rowOf(span);
    if (row === 0) return;
    this.#ring.extra[span & this.#ring.mask] = 0;
    this.#free.push(row);
  }

  #grow(): void {
    for (const column of INTEGERS) {
      const larger = new Int32Array(this[column].length * 2);
      larger.set(this[column]);
      this[column] = larger;
    }
    for (const column of TIMES) {
      const larger = new Float64Array(this[column].length * 2);
      larger.set(this[column]);
      this[column] = larger;
    }
  }
}
