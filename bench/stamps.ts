import type { Random } from "./random.ts";

/** Every trace id starts with this, so that ids can be found, and changed, in encoded bytes. */
export const TRACE_ID_MARK = "7d1f05eed0b3c4a9";

const BINARY_MARK = Buffer.from(TRACE_ID_MARK, "hex");
const HEX_MARK = Buffer.from(TRACE_ID_MARK, "latin1");
const TEXT_MARK = Buffer.from("Stampseed", "latin1");
const HEX = Buffer.from("0123456789abcdef", "latin1");
/** In place of hex digits: what has no digits is a word, and not an id, to those who reduce ids. */
const LETTERS = Buffer.from("abcdefghijklmnop", "latin1");
const WORD_DIGITS = 8;

/** Where a kind of word stands in a request's bytes, and the word that stood there first. */
type Places = { readonly offsets: Uint32Array; readonly words: Uint32Array };

/** The places that differ from round to round: trace ids as protobuf and as JSON have them, and marked texts. */
export type Stamps = { readonly binary: Places; readonly hex: Places; readonly letters: Places };

/** A text of 17 letters that is another one each time it is sent. */
export function drawStampedText(random: Random): string {
  const letters = Buffer.alloc(WORD_DIGITS);
  writeWord(letters, Number.parseInt(random.hex(4), 16), 0, LETTERS);
  return `${TEXT_MARK}${letters}`;
}

/** Finds the places after the marks. */
export function findStamps(bytes: Buffer): Stamps {
  return {
    binary: findPlaces(bytes, BINARY_MARK, (at) => bytes.readUInt32BE(at)),
    hex: findPlaces(bytes, HEX_MARK, (at) => readWord(bytes, at, HEX)),
    letters: findPlaces(bytes, TEXT_MARK, (at) => readWord(bytes, at, LETTERS)),
  };
}

/** Gives every place a value that it has in this round only: what is sent again is not a duplicate. */
export function stamp(bytes: Buffer, { binary, hex, letters }: Stamps, round: number): void {
  // Multiplying by an odd number is a bijection, so two rounds never meet in one value.
  const mask = Math.imul(round, 0x9e3779b1);
  forEach(binary, (word, at) => bytes.writeInt32BE(word ^ mask, at));
  forEach(hex, (word, at) => writeWord(bytes, word ^ mask, at, HEX));
  forEach(letters, (word, at) => writeWord(bytes, word ^ mask, at, LETTERS));
}

function forEach({ offsets, words }: Places, write: (word: number, at: number) => void): void {
  for (let n = 0; n < offsets.length; n++) write(words[n] as number, offsets[n] as number);
}

function findPlaces(bytes: Buffer, mark: Buffer, read: (at: number) => number): Places {
  const offsets: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) offsets.push(at + mark.length);
  return { offsets: Uint32Array.from(offsets), words: Uint32Array.from(offsets, read) };
}

function readWord(bytes: Buffer, at: number, digits: Buffer): number {
  let word = 0;
  for (let n = 0; n < WORD_DIGITS; n++) word = (word << 4) | digits.indexOf(bytes[at + n] ?? 0);
  return word >>> 0;
}

function writeWord(bytes: Buffer, word: number, at: number, digits: Buffer): void {
  for (let n = 0; n < WORD_DIGITS; n++) bytes[at + n] = digits[(word >>> (28 - 4 * n)) & 15] as number;
}
