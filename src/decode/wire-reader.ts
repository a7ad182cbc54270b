import { OperatingError } from "../model/operating-error.ts";

const NOTHING = new Uint8Array(0);

/**
 * Reads protobuf's wire format (https://protobuf.dev/programming-guides/encoding/) from bytes nobody vouches for.
 * Every read is given the `end` of the message it belongs to; what would reach past it rejects the request, so a
 * truncated field never yields a short value. Throws {@link OperatingError} `malformed-request` and nothing else.
 *
 * Hot path (`npm run bench -- stages`): nothing is allocated after {@link WireReader.open}. A 64-bit varint is
 * returned as its low word, with its high word left in `high`, because a JavaScript number cannot hold it and a bigint
 * would be an object.
 */
export class WireReader {
  view: DataView = new DataView(NOTHING.buffer);
  position = 0;
  high = 0;
  #buffer: Buffer = Buffer.alloc(0);

  open(bytes: Uint8Array): void {
    this.position = 0;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Lets go of the request's bytes, which may hold what must not outlive the request. */
  close(): void {
    this.open(NOTHING);
  }

  /** The next field's number and wire type, `number << 3 | type`. */
  tag(end: number): number {
    const tag = this.varint(end);
    if (tag < 8 || this.high !== 0) throw malformed("expected a field number from 1 to 536870911");
    return tag;
  }

  /** The low 32 bits of a varint; the others are in `high`. */
  varint(end: number): number {
    if (this.position < end) {
      const byte = this.view.getUint8(this.position);
      if (byte < 0x80) {
        this.position += 1;
        this.high = 0;
        return byte;
      }
    }
    return this.#longVarint(end);
  }

  #longVarint(end: number): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= end) throw truncated();
      const byte = this.view.getUint8(this.position);
      this.position += 1;
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.high = high >>> 0;
        return low >>> 0;
      }
    }
    throw malformed("expected a varint of at most 10 bytes");
  }

  /** Reads a length and returns where the string, bytes or message that starts here ends. */
  block(end: number): number {
    const length = this.varint(end);
    if (this.high !== 0 || length > end - this.position) throw truncated();
    return this.position + length;
  }

  /** An unsigned 64-bit number as a double: exact up to 2^53, finite always. */
  fixed64(end: number): number {
    const start = this.#take(8, end);
    return this.view.getUint32(start + 4, true) * 4_294_967_296 + this.view.getUint32(start, true);
  }

  double(end: number): number {
    return this.view.getFloat64(this.#take(8, end), true);
  }

  /** The big-endian 32-bit word at a position that a {@link WireReader.block} has vouched for. */
  word(position: number): number {
    return this.view.getUint32(position);
  }

  /** The text of a range that a block has vouched for; bytes that are not UTF-8 become U+FFFD. */
  text(start: number, end: number): string {
    return this.#buffer.toString("utf8", start, end);
  }

  /** Steps over a field nobody asked for. OTLP has no groups (wire types 3 and 4): they reject the request. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case 0:
        this.varint(end);
        return;
      case 1:
        this.#take(8, end);
        return;
      case 2:
        this.position = this.block(end);
        return;
      case 5:
        this.#take(4, end);
        return;
      default:
        throw malformed("expected a field of wire type 0, 1, 2 or 5");
    }
  }

  #take(length: number, end: number): number {
    const start = this.position;
    if (length > end - start) throw truncated();
    this.position = start + length;
    return start;
  }
}

function truncated(): OperatingError {
  return malformed("a field claims more bytes than are left");
}

function malformed(problem: string): OperatingError {
  return new OperatingError("malformed-request", `cannot decode protobuf body: ${problem}`);
}
