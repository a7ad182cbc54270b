import type { ValueKey } from "./value-table.ts";

/** Longer paths are not folded; a folded one has at most two and a half times as many bytes. */
const BYTES_MAX = 512;
const LONG_SEGMENT_BYTES_MIN = 21;
const HEX_ID_BYTES_MIN = 8;
const ID_BYTES = 4;
/** `{id}` as a word. */
const ID = 0x7b69647d;
const SLASH = 0x2f;

/** What a byte may be part of. Bytes of no kind may belong to a credential that reaches over several segments. */
const PLAIN = 1;
const DIGIT = 2;
const NUMBER = 4;
const HEX = 8;
const END = 16;
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => kindOf(String.fromCharCode(byte)));

/**
 * Writes a path or URL as most of them are sanitised: cut at its query or fragment, segments that surely are ids as
 * `{id}`. So the many paths of one route are one value before anything is made of them.
 *
 * A folded text is sanitised alike whatever was folded in it, because nothing that looks like a credential reaches over
 * the end of a segment: all that do need a space, `=`, `+`, `%` or `@`, so a text with other than plain bytes is not
 * folded. What ends within its segment makes `{id}` of it, and needs so much room there that it is folded as well.
 * So where one text was sanitised to its folded form, all are that fold to it.
 *
 * Hot path (`npm run bench -- stages`): one pass over the bytes, into memory that is used again.
 */
export class IdFolder {
  readonly #bytes = new Uint8Array(BYTES_MAX * 3);
  readonly #view = new DataView(this.#bytes.buffer);
  /** True where what was folded last has neither a query nor a fragment nor anything else that is not plain. */
  isWhole = false;
  #length = 0;
  /** Kinds of all bytes, and of any byte, of the segment that was copied last. */
  #all = 0;
  #any = 0;

  /** Folds a path into a key whose bytes are good until the next call; false where it cannot. */
  foldPath(raw: ValueKey, folded: ValueKey): boolean {
    return this.#fold(raw, folded, 0);
  }

  /** The same for a URL, of which scheme and authority stay as they are. */
  foldUrl(raw: ValueKey, folded: ValueKey): boolean {
    const isRelative = raw.length > 0 && raw.view.getUint8(raw.start) === SLASH;
    return this.#fold(raw, folded, isRelative ? 0 : 3);
  }

  /** Wipes what was copied. */
  clear(): void {
    this.#bytes.fill(0);
  }

  /** The first segments, up to as many slashes, are only copied. */
  #fold({ view, start, length }: ValueKey, folded: ValueKey, slashes: number): boolean {
    const end = start + Math.min(length, BYTES_MAX + 1);
    let at = start;
    this.#length = 0;
    this.isWhole = false;
    for (let segment = 0; ; segment += 1) {
      const from = this.#length;
      at = this.#copySegment(view, at, end);
      if (at < 0 || at - start > BYTES_MAX) return false;
      if (segment >= slashes && this.#isId(this.#length - from)) {
        this.#view.setUint32(from, ID);
        this.#length = from + ID_BYTES;
      }
      if (at === end || view.getUint8(at) !== SLASH) break;
      this.#view.setUint8(this.#length, SLASH);
      this.#length += 1;
      at += 1;
    }
    this.isWhole = at === end;
    folded.set(this.#view, 0, this.#length);
    return true;
  }

  /** Returns where the segment ends, or -1 where a byte of it is not plain. */
  #copySegment(view: DataView, start: number, end: number): number {
    let length = this.#length;
    let all = PLAIN | NUMBER | HEX;
    let any = 0;
    let at = start;
    for (; at < end; at += 1) {
      const byte = view.getUint8(at);
      const kind = KINDS[byte] as number;
      if (kind === END) break;
      if (kind === 0) return -1;
      all &= kind;
      any |= kind;
      this.#view.setUint8(length, byte);
      length += 1;
    }
    this.#length = length;
    this.#all = all;
    this.#any = any;
    return at;
  }

  #isId(length: number): boolean {
    if (length >= LONG_SEGMENT_BYTES_MIN) return true;
    if ((this.#any & DIGIT) === 0) return false;
    return (this.#all & NUMBER) !== 0 || ((this.#all & HEX) !== 0 && length >= HEX_ID_BYTES_MIN);
  }
}

function kindOf(character: string): number {
  if (/[/?#]/.test(character)) return END;
  if (/\d/.test(character)) return PLAIN | DIGIT | NUMBER | HEX;
  if (/[a-f]/i.test(character)) return PLAIN | HEX;
  if (/[._:-]/.test(character)) return PLAIN | NUMBER;
  return /[a-z~{}]/i.test(character) ? PLAIN : 0;
}
