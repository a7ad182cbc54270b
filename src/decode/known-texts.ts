import { equalRange } from "./byte-range.ts";
import { type ValueKey, ValueTable } from "./value-table.ts";

const TEXTS_MAX = 65_536;
const BYTES_MAX = 1024 * 1024;
/** Whole numbers below this are looked up without a text: ports and status codes are. */
const INTEGERS = 65_536;

/**
 * The sanitised texts of recent requests, so that a value that comes again is neither decoded nor sanitised again.
 * What is found by its bytes is only what sanitising leaves as it is: nothing raw outlives its request here.
 *
 * Hot path (`npm run bench -- stages`): one table over one block of memory. Once either is full, all is forgotten
 * before the next request, which costs less than keeping account of what was used.
 */
export class KnownTexts {
  readonly #bytes = Buffer.alloc(BYTES_MAX);
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, BYTES_MAX);
  readonly #table = new ValueTable();
  readonly #texts: string[] = [];
  readonly #idByText = new Map<string, number>();
  readonly #idByInteger = new Int32Array(INTEGERS).fill(-1);
  #length = 0;
  #isFull = false;

  /** Forgets everything where there is no more room. Ids are good until the next call. */
  makeRoom(): void {
    if (!this.#isFull && this.#texts.length < TEXTS_MAX) return;
    this.#table.clear();
    this.#texts.length = 0;
    this.#idByText.clear();
    this.#idByInteger.fill(-1);
    this.#length = 0;
    this.#isFull = false;
  }

  /** The sanitised text of an id. */
  text(id: number): string {
    return this.#texts[id] as string;
  }

  /** The id of the value with these bytes where it is a text that was learned, or -1. */
  find(key: ValueKey): number {
    return this.#table.find(key, this.#view);
  }

  /** The id of a sanitised text. */
  idOf(sanitized: string): number {
    const known = this.#idByText.get(sanitized);
    if (known !== undefined) return known;
    // A copy: V8 would keep the whole raw value alive for a part of it.
    const text = Buffer.from(sanitized).toString();
    const id = this.#texts.push(text) - 1;
    this.#idByText.set(text, id);
    return id;
  }

  /** The id of a number's decimal text. */
  idOfNumber(value: number | bigint): number {
    if (typeof value === "bigint" || !(value >= 0 && value < INTEGERS && Number.isInteger(value))) {
      return this.idOf(String(value));
    }
    const known = this.#idByInteger[value] as number;
    if (known >= 0) return known;
    const id = this.idOf(String(value));
    this.#idByInteger[value] = id;
    return id;
  }

  /** Finds the text of that id by this key from now on, where the key's bytes are the text: any others are raw. */
  learn(key: ValueKey, id: number): void {
    const place = this.#length;
    if (place + key.length > BYTES_MAX) {
      this.#isFull = true;
      return;
    }
    const length = this.#bytes.write(this.text(id), place);
    if (length !== key.length || !equalRange(key, this.#view, place)) return;
    this.#length += length;
    this.#table.add(key, place, id);
  }
}
