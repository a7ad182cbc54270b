import { sanitizeValue } from "../credential/sanitize-value.ts";
import { holdsCredential } from "../model/holds-credential.ts";
import type { Keep } from "../model/span-batch.ts";
import { IdFolder } from "./id-folder.ts";
import { KnownTexts } from "./known-texts.ts";
import { doubled } from "./span-columns.ts";
import { ValueKey, ValueTable } from "./value-table.ts";
import type { WireReader } from "./wire-reader.ts";

const KEEPS: readonly Keep[] = ["text", "host", "path", "url", "query", "user-agent"];
const TEXT = keepNumber("text");
const PATH = keepNumber("path");
const URL = keepNumber("url");

const ENTRIES_AT_FIRST = 4096;
const NOTHING = new DataView(new ArrayBuffer(0));

/**
 * The dictionary of one batch: each distinct value of the request enters it once, sanitised.
 *
 * Hot path (`npm run bench -- stages`): most values were seen in earlier requests and are found among the known texts,
 * by their bytes. Others are decoded and sanitised, and found by their place in the request for the rest of it.
 */
export class ValueDictionary {
  /** True where the text that was interned last held a raw credential. Whoever acts on it takes it back. */
  isLeak = false;
  readonly #reader: WireReader;
  readonly #known = new KnownTexts();
  readonly #seen = new ValueTable();
  readonly #folder = new IdFolder();
  readonly #raw = new ValueKey();
  readonly #folded = new ValueKey();
  #strings: string[] = [];
  /** By id of a known text: the batch that it entered last, and where it stands there. */
  #batches = new Uint32Array(ENTRIES_AT_FIRST);
  #indexes = new Uint32Array(ENTRIES_AT_FIRST);
  #batch = 0;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  /** Starts an empty dictionary. */
  clear(): void {
    this.#known.makeRoom();
    this.#seen.clear();
    this.#strings = [];
    this.#batch = (this.#batch + 1) >>> 0;
    if (this.#batch !== 0) return;
    this.#batches.fill(0);
    this.#batch = 1;
  }

  /** Lets go of the request's bytes, in place and copied; the strings stay. */
  close(): void {
    this.#raw.set(NOTHING, 0, 0);
    this.#folder.clear();
  }

  /** The strings by index; they belong to the batch from now on. */
  get strings(): readonly string[] {
    return this.#strings;
  }

  /** The index of the sanitised text that stands at `start` to `end` of the request. */
  internText(keep: number, start: number, end: number): number {
    const raw = this.#raw.set(this.#reader.view, start, end - start);
    const key = (this.#fold(keep, raw) ? this.#folded : raw).for(keep);
    const known = this.#known.find(key);
    return this.#enter(known >= 0 ? known : this.#look(keep, key));
  }

  /** True where the path or URL that was interned last is one from end to end: it has no query and no user info. */
  get isWholeUrl(): boolean {
    return this.#folder.isWhole;
  }

  /** The index of a number's or boolean's sanitised text. */
  internScalar(keep: number, scalar: number | bigint | boolean): number {
    // A number's text has nothing in it that a sanitised text would not have.
    if (keep === TEXT && typeof scalar !== "boolean") return this.#enter(this.#known.idOfNumber(scalar));
    return this.#enter(this.#known.idOf(sanitize(keep, String(scalar))));
  }

  #fold(keep: number, raw: ValueKey): boolean {
    if (keep === PATH) return this.#folder.foldPath(raw, this.#folded);
    return keep === URL && this.#folder.foldUrl(raw, this.#folded);
  }

  /** The id of a value that is not known: seen in this request, or new. */
  #look(keep: number, key: ValueKey): number {
    const raw = key === this.#raw ? key : this.#raw.for(keep);
    const seen = this.#seen.find(raw, raw.view);
    if (seen >= 0) {
      this.isLeak = (seen & 1) === 1;
      return seen >>> 1;
    }
    const value = this.#reader.text(raw.start, raw.start + raw.length);
    const text = sanitize(keep, value);
    const id = this.#known.idOf(text);
    this.isLeak = text !== value && holdsCredential(value);
    this.#seen.add(raw, raw.start, id * 2 + Number(this.isLeak));
    this.#known.learn(key, id);
    return id;
  }

  #enter(id: number): number {
    while (id >= this.#batches.length) {
      this.#batches = doubled(this.#batches);
      this.#indexes = doubled(this.#indexes);
    }
    if (this.#batches[id] === this.#batch) return this.#indexes[id] as number;
    const index = this.#strings.push(this.#known.text(id)) - 1;
    this.#batches[id] = this.#batch;
    this.#indexes[id] = index;
    return index;
  }
}

/** The number under which a dictionary knows a way to reduce values. */
export function keepNumber(keep: Keep): number {
  return KEEPS.indexOf(keep);
}

function sanitize(keep: number, value: string): string {
  return sanitizeValue(KEEPS[keep] as Keep, value);
}
