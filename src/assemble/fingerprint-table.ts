// Hot path: `intern` is called for every span that shows a fingerprint. Typed arrays only.

import { TupleTable } from "./tuple-table.ts";

const ROWS_AT_FIRST = 4096;

/**
 * Fingerprints as small integers, counted from 1, with what is known of the credential itself; 0 is "none". After a
 * restart numbers go on, so that those given out before are known to mean nothing any more.
 */
export class FingerprintTable {
  readonly #spell: (words: Uint32Array) => string;
  #numbers = new TupleTable(ROWS_AT_FIRST);
  #base = 0;
  /** Two words of the keyed hash of each one's subject; zero where unknown. */
  #subjects = new Uint32Array(ROWS_AT_FIRST * 2);
  #tokenIds = new Int32Array(ROWS_AT_FIRST);
  #pods = new Int32Array(ROWS_AT_FIRST);
  readonly #words = new Int32Array(4);

  constructor(spell: (words: Uint32Array) => string) {
    this.#spell = spell;
  }

  get size(): number {
    return this.#numbers.size;
  }

  /** The number of a fingerprint of four words; 0 for the all-zero one. */
  intern(words: Uint32Array, at: number): number {
    for (let i = 0; i < 4; i++) this.#words[i] = words[at + i] ?? 0;
    if ((this.#words[0] ?? 0) === 0 && (this.#words[1] ?? 0) === 0) return 0;
    const before = this.#numbers.size;
    const row = this.#numbers.add(this.#words, 4);
    if (row === before) this.#clearRow(row);
    return this.#base + row + 1;
  }

  /** The row of a number, counted from 0; -1 for none and for one of before a restart. */
  row(number: number): number {
    return number <= this.#base ? -1 : number - 1 - this.#base;
  }

  /** The number of a row. */
  number(row: number): number {
    return this.#base + row + 1;
  }

  /** One of the four words of a row. */
  word(row: number, position: number): number {
    return this.#numbers.at(row, position);
  }

  /** All four words of a row. */
  words(row: number): Uint32Array {
    return Uint32Array.from({ length: 4 }, (_, position) => this.word(row, position));
  }

  /** The fingerprint as text, or null for none or one that is no longer known. */
  text(number: number): string | null {
    const row = this.row(number);
    return row < 0 ? null : this.#spell(this.words(row));
  }

  /** The text of a fingerprint's four words; null where they are zero, which means none. */
  spell(words: Uint32Array): string | null {
    return words[0] === 0 && words[1] === 0 ? null : this.#spell(words.slice());
  }

  /** Notes whose the credential is, by a keyed hash. */
  learnSubject(number: number, words: Uint32Array, at: number): void {
    const row = this.row(number);
    if (row < 0) return;
    this.#subjects[row * 2] = words[at] ?? 0;
    this.#subjects[row * 2 + 1] = words[at + 1] ?? 0;
  }

  /** Whether two credentials are of one subject; null where one of them does not say. */
  isSameSubject(one: number, other: number): boolean | null {
    const [a, b] = [this.row(one) * 2, this.row(other) * 2];
    if (!this.#hasSubject(a) || !this.#hasSubject(b)) return null;
    return this.#subjects[a] === this.#subjects[b] && this.#subjects[a + 1] === this.#subjects[b + 1];
  }

  /** The number of the token's own id, as given to {@link learnTokenId}; 0 where unknown. */
  tokenId(number: number): number {
    return this.#tokenIds[this.row(number)] ?? 0;
  }

  /** Notes the number of the token's own id. */
  learnTokenId(number: number, id: number): void {
    const row = this.row(number);
    if (row >= 0) this.#tokenIds[row] = id;
  }

  /** The number of the pod that the token is bound to, as given to {@link learnPod}; 0 where unknown. */
  pod(number: number): number {
    return this.#pods[this.row(number)] ?? 0;
  }

  /** Notes the number of the pod that the token is bound to. */
  learnPod(number: number, pod: number): void {
    const row = this.row(number);
    if (row >= 0) this.#pods[row] = pod;
  }

  /** Forgets everything. */
  restart(): void {
    this.#base += this.#numbers.size;
    this.#numbers = new TupleTable(ROWS_AT_FIRST);
  }

  #hasSubject(at: number): boolean {
    return at >= 0 && ((this.#subjects[at] ?? 0) !== 0 || (this.#subjects[at + 1] ?? 0) !== 0);
  }

  #clearRow(row: number): void {
    if (row >= this.#tokenIds.length) this.#grow();
    this.#subjects.fill(0, row * 2, row * 2 + 2);
    this.#tokenIds[row] = 0;
    this.#pods[row] = 0;
  }

  #grow(): void {
    const subjects = new Uint32Array(this.#subjects.length * 2);
    const tokenIds = new Int32Array(this.#tokenIds.length * 2);
    subjects.set(this.#subjects);
    const pods = new Int32Array(this.#pods.length * 2);
    tokenIds.set(this.#tokenIds);
    pods.set(this.#pods);
    this.#subjects = subjects;
    this.#tokenIds = tokenIds;
    this.#pods = pods;
  }
}
