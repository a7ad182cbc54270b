import type { AttributeTable } from "./attribute-table.ts";
import {
  ANY_ARRAY,
  ANY_BOOL,
  ANY_BYTES,
  ANY_DOUBLE,
  ANY_INT,
  ANY_KVLIST,
  ANY_STRING,
  ARRAY_VALUES,
  KEY_VALUE_KEY,
  KEY_VALUE_VALUE,
} from "./otlp-tags.ts";
import type { WireReader } from "./wire-reader.ts";

/** What an attribute's value turned out to be. `other`: nothing, bytes, a map, or an array without strings. */
export const VALUE = { other: 0, text: 1, scalar: 2, array: 3 } as const;
type ValueType = (typeof VALUE)[keyof typeof VALUE];

/** Longer texts are cut before they are decoded; no fact that is kept is anywhere near as long. */
const TEXT_BYTES_MAX = 65_536;

/**
 * Reads one `KeyValue` at a time and holds what it found: a text or an array as a range of the request's bytes, a
 * number or boolean as `scalar`.
 *
 * Hot path (`npm run bench -- stages`): the value of an unwanted key is stepped over unread. Nothing recurses, so
 * nesting needs no cap: an array is entered one level deep, arrays and maps inside it are stepped over by their length.
 */
export class AttributeReader {
  type: ValueType = VALUE.other;
  start = 0;
  end = 0;
  scalar: number | bigint | boolean = 0;
  readonly #reader: WireReader;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  /**
   * Reads the `KeyValue` that reaches to `end`; returns its key's number in the table, or -1 and leaves the value.
   * Where it returns a number, the reader may be left anywhere in the message.
   */
  read(table: AttributeTable, end: number): number {
    const reader = this.#reader;
    const { view, position } = reader;
    const keyEnd = shortBlockEnd(view, position, end, KEY_VALUE_KEY);
    if (keyEnd < 0 || shortBlockEnd(view, keyEnd, end, KEY_VALUE_VALUE) !== end) return this.#readAny(table, end);
    reader.position = end;
    const target = table.find(view, position + 2, keyEnd);
    if (target >= 0) this.#readShortValue(keyEnd + 2, end);
    return target;
  }

  /** As most values are: one string, written with a length of one byte. */
  #readShortValue(start: number, end: number): void {
    if (shortBlockEnd(this.#reader.view, start, end, ANY_STRING) !== end) {
      this.#readValue(start, end);
      return;
    }
    this.type = VALUE.text;
    this.start = start + 2;
    this.end = end;
  }

  /** Reads what is not one short key and then one short value: long values, and whatever else a sender may write. */
  #readAny(table: AttributeTable, end: number): number {
    const reader = this.#reader;
    let target = -1;
    let valueStart = end;
    let valueEnd = end;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === KEY_VALUE_KEY) {
        const keyEnd = reader.block(end);
        target = table.find(reader.view, reader.position, keyEnd);
        reader.position = keyEnd;
      } else if (tag === KEY_VALUE_VALUE) {
        valueEnd = reader.block(end);
        valueStart = reader.position;
        reader.position = valueEnd;
      } else {
        reader.skip(tag, end);
      }
    }
    if (target >= 0) this.#readValue(valueStart, valueEnd);
    return target;
  }

  /** Narrows an array to its first string; false where it has none. */
  enterArray(): boolean {
    this.#reader.position = this.start;
    return this.nextText(this.end);
  }

  /**
   * Finds the next string of an array that reaches to `arrayEnd`, from where the reader stands; the reader is left behind
   * that element.
   */
  nextText(arrayEnd: number): boolean {
    const reader = this.#reader;
    while (reader.position < arrayEnd) {
      const tag = reader.tag(arrayEnd);
      if (tag !== ARRAY_VALUES) {
        reader.skip(tag, arrayEnd);
        continue;
      }
      const elementEnd = reader.block(arrayEnd);
      this.#readValue(reader.position, elementEnd);
      if (this.type === VALUE.text) return true;
    }
    return false;
  }

  text(): string {
    return this.#reader.text(this.start, this.end);
  }

  /** `oneof value`: of several fields the last one counts, as protobuf has it. */
  #readValue(start: number, end: number): void {
    const reader = this.#reader;
    reader.position = start;
    this.type = VALUE.other;
    while (reader.position < end) this.#readAlternative(reader.tag(end), end);
  }

  #readAlternative(tag: number, end: number): void {
    const reader = this.#reader;
    switch (tag) {
      case ANY_STRING:
        this.#take(VALUE.text, reader.block(end));
        return;
      case ANY_INT:
        this.#takeScalar(signed64(reader.varint(end), reader.high));
        return;
      case ANY_BOOL:
        this.#takeScalar((reader.varint(end) | reader.high) !== 0);
        return;
      case ANY_DOUBLE:
        this.#takeScalar(reader.double(end));
        return;
      case ANY_ARRAY:
        this.#take(VALUE.array, reader.block(end));
        return;
      case ANY_KVLIST:
      case ANY_BYTES:
        this.#take(VALUE.other, reader.block(end));
        return;
      default:
        reader.skip(tag, end);
    }
  }

  #take(type: ValueType, end: number): void {
    const start = this.#reader.position;
    this.type = type;
    this.start = start;
    this.end = type === VALUE.text ? Math.min(end, start + TEXT_BYTES_MAX) : end;
    this.#reader.position = end;
  }

  #takeScalar(scalar: number | bigint | boolean): void {
    this.type = VALUE.scalar;
    this.scalar = scalar;
  }
}

/** Two's complement in two words; a bigint only where a number would not be exact. */
function signed64(low: number, high: number): number | bigint {
  if (high === 0) return low;
  const value = (high | 0) * 4_294_967_296 + low;
  return Number.isSafeInteger(value) ? value : (BigInt(high | 0) << 32n) | BigInt(low);
}

/** Where the block ends that starts here with this tag and a length of one byte; -1 where none does. */
function shortBlockEnd(view: DataView, start: number, end: number, tag: number): number {
  if (end - start < 2 || view.getUint8(start) !== tag) return -1;
  const length = view.getUint8(start + 1);
  return length < 0x80 && length <= end - start - 2 ? start + 2 + length : -1;
}
