import { hash } from "node:crypto";
import type { CredentialValue } from "./credential-facts.ts";

/** What an entry holds. A list is followed by its items. */
const ENTRY = { text: 0, number: 1, boolean: 2, list: 3, item: 4 } as const;
const KINDS = 8;
/** Position and kind in one word, the length in another. */
const HEAD_BYTES = 8;
const NUMBER_BYTES = 8;
/** Beyond every attribute's position: who received the call. */
const SELF = 0xffff;

const BYTES_AT_FIRST = 4_096;
/** What a span with huge values made of it is given back after that span. */
const BYTES_KEPT = 65_536;
/** Fewer bytes are copied sooner one by one than by a call that copies many. */
const SHORT_BYTES = 96;

/**
 * The values of one span's credential attributes, as bytes, one entry behind the other: most spans say what an earlier
 * one said, and are known by the digest of all of it before a single text has been made. Every entry says how long it is,
 * so that no value can pose as another attribute's.
 *
 * Hot path (`npm run bench -- stages`): one block of memory, wiped after every span.
 */
export class ValueBytes {
  #bytes = Buffer.alloc(BYTES_AT_FIRST);
  #view = viewOf(this.#bytes);
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Adds the text that stands at `start` to `end` of the view. */
  addText(nameIndex: number, view: DataView, start: number, end: number): void {
    this.#copy(this.#open(nameIndex, ENTRY.text, end - start), view, start, end);
  }

  /** Starts a list, which has the items that follow. */
  addList(nameIndex: number): void {
    this.#open(nameIndex, ENTRY.list, 0);
  }

  /** Adds the text that stands at `start` to `end` of the view to the list that was started last. */
  addItem(view: DataView, start: number, end: number): void {
    this.#copy(this.#open(0, ENTRY.item, end - start), view, start, end);
  }

  add(nameIndex: number, value: CredentialValue): void {
    if (typeof value === "string") this.#writeText(nameIndex, ENTRY.text, value);
    else if (typeof value === "number") this.#writeNumber(nameIndex, ENTRY.number, value);
    else if (typeof value === "boolean") this.#writeNumber(nameIndex, ENTRY.boolean, Number(value));
    else {
      this.addList(nameIndex);
      for (const text of value) this.#writeText(0, ENTRY.item, text);
    }
  }

  /** SHA-256 over all entries and over who received the call, where that is known. */
  digest(self: string | null): string {
    const length = this.#length;
    if (self !== null) this.#writeText(SELF, ENTRY.text, self);
    const digest = hash("sha256", this.#bytes.subarray(0, this.#length), "base64url");
    this.#bytes.fill(0, length, this.#length);
    this.#length = length;
    return digest;
  }

  /** Every value with its attribute's position, in the order in which they came. */
  *values(): Iterable<readonly [nameIndex: number, value: CredentialValue]> {
    for (let at = 0; at < this.#length; ) {
      const head = this.#view.getUint32(at);
      const end = this.#end(at);
      const from = at + HEAD_BYTES;
      at = end;
      const kind = head % KINDS;
      const nameIndex = (head - kind) / KINDS;
      if (kind === ENTRY.text) yield [nameIndex, this.#text(from, end)];
      else if (kind === ENTRY.number) yield [nameIndex, this.#view.getFloat64(from)];
      else if (kind === ENTRY.boolean) yield [nameIndex, this.#view.getFloat64(from) === 1];
      else {
        const items: string[] = [];
        for (; at < this.#length && this.#view.getUint32(at) === ENTRY.item; at = this.#end(at)) {
          items.push(this.#text(at + HEAD_BYTES, this.#end(at)));
        }
        yield [nameIndex, items];
      }
    }
  }

  /** Forgets all values, and wipes them. */
  clear(): void {
    if (this.#length === 0) return;
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    if (this.#bytes.length <= BYTES_KEPT) return;
    this.#bytes = Buffer.alloc(BYTES_AT_FIRST);
    this.#view = viewOf(this.#bytes);
  }

  #end(at: number): number {
    return at + HEAD_BYTES + this.#view.getUint32(at + 4);
  }

  #text(start: number, end: number): string {
    return this.#bytes.toString("utf8", start, end);
  }

  #writeText(nameIndex: number, kind: number, text: string): void {
    const length = Buffer.byteLength(text);
    const to = this.#open(nameIndex, kind, length);
    this.#bytes.write(text, to, length);
  }

  #writeNumber(nameIndex: number, kind: number, value: number): void {
    const to = this.#open(nameIndex, kind, NUMBER_BYTES);
    this.#view.setFloat64(to, value);
  }

  /** Begins an entry of so many bytes, and returns where they go. */
  #open(nameIndex: number, kind: number, length: number): number {
    const at = this.#length;
    if (at + HEAD_BYTES + length > this.#bytes.length) this.#grow(at + HEAD_BYTES + length);
    this.#view.setUint32(at, nameIndex * KINDS + kind);
    this.#view.setUint32(at + 4, length);
    this.#length = at + HEAD_BYTES + length;
    return at + HEAD_BYTES;
  }

  #copy(to: number, view: DataView, start: number, end: number): void {
    if (end - start > SHORT_BYTES) {
      this.#bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, end - start), to);
      return;
    }
    for (let at = start; at < end; at += 1) this.#view.setUint8(to + at - start, view.getUint8(at));
  }

  #grow(least: number): void {
    const old = this.#bytes;
    this.#bytes = Buffer.alloc(Math.max(least, old.length * 2));
    this.#bytes.set(old);
    old.fill(0);
    this.#view = viewOf(this.#bytes);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
