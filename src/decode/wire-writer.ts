const LENGTH_BYTES = 5;

/** Writes protobuf's wire format into a buffer that grows. */
export class WireWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(capacity, 64));
  }

  /** What was written so far; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  varint(tag: number, value: number): void {
    this.#tag(tag);
    this.#varint(value);
  }

  /** A signed or unsigned 64-bit varint, as its ten or fewer bytes. */
  varint64(tag: number, value: bigint): void {
    this.#tag(tag);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) | 128);
    this.#byte(Number(rest));
  }

  fixed64(tag: number, value: bigint): void {
    this.#tag(tag);
    this.#reserve(8);
    this.#length = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#length);
  }

  double(tag: number, value: number): void {
    this.#tag(tag);
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  block(tag: number, bytes: Uint8Array): void {
    this.#tag(tag);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  text(tag: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#tag(tag);
    this.#varint(length);
    this.#reserve(length);
    this.#length += this.#buffer.write(text, this.#length);
  }

  /** Opens a nested message, whose length is not known yet; returns what {@link WireWriter.close} needs. */
  open(tag: number): number {
    this.#tag(tag);
    this.#reserve(LENGTH_BYTES);
    this.#length += LENGTH_BYTES;
    return this.#length;
  }

  /** Writes the length of the message that was opened at `start`, padded to five bytes, which is a valid varint. */
  close(start: number): void {
    let rest = this.#length - start;
    for (let at = start - LENGTH_BYTES; at < start - 1; at += 1) {
      this.#buffer[at] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#buffer[start - 1] = rest;
  }

  #tag(tag: number): void {
    this.#varint(tag);
  }

  #varint(value: number): void {
    let rest = value >>> 0;
    for (; rest > 127; rest >>>= 7) this.#byte((rest & 127) | 128);
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + count));
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}
