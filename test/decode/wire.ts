/** Protobuf written by hand, for what no well-behaved encoder writes. */

export type Bytes = readonly number[];

export function message(number: number, ...fields: readonly Bytes[]): Bytes {
  const content = fields.flat();
  return [...varint(BigInt(number) * 8n + 2n), ...varint(BigInt(content.length)), ...content];
}

export function text(number: number, value: string): Bytes {
  return message(number, [...new TextEncoder().encode(value)]);
}

export function integer(number: number, value: bigint): Bytes {
  return [...varint(BigInt(number) * 8n), ...varint(value)];
}

export function fixed64(number: number, value: bigint): Bytes {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return [...varint(BigInt(number) * 8n + 1n), ...bytes];
}

export function varint(value: bigint): Bytes {
  const rest = BigInt.asUintN(64, value);
  return rest < 128n ? [Number(rest)] : [Number(rest & 127n) | 128, ...varint(rest >> 7n)];
}

export function hex(value: string): Bytes {
  return [...Buffer.from(value, "hex")];
}

export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
export const SPAN_ID = "b7ad6b7169203331";
export const PARENT_ID = "00f067aa0ba902b7";

/** The two fields without which a span is rejected. */
export const IDS: Bytes = [...message(1, hex(TRACE_ID)), ...message(2, hex(SPAN_ID))];

/** A request of one resource without attributes and one span with these fields. */
export function requestOf(...spanFields: readonly Bytes[]): Uint8Array {
  return Uint8Array.from(message(1, message(2, message(2, ...spanFields))));
}

/** A span's attribute: a `KeyValue` with the fields of its `AnyValue`. */
export function attribute(key: string, ...value: readonly Bytes[]): Bytes {
  return message(9, text(1, key), message(2, ...value));
}
