/** A field of a protobuf message: its tag, and its value as bytes or, where those look like a message, as fields. */
export type Field = { readonly tag: number; readonly value: Uint8Array | readonly Field[] };

const DEPTH_MAX = 8;

/** Reads bytes as a message without knowing its schema; null where they are none. */
export function readFields(bytes: Uint8Array, depth = 0): readonly Field[] | null {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, valueAt] = readVarint(bytes, at);
    const end = tag < 8 ? -1 : endOfValue(bytes, tag & 7, valueAt);
    if (end < 0 || end > bytes.length) return null;
    fields.push({ tag, value: readValue(tag, bytes.subarray(valueAt, end), depth) });
    at = end;
  }
  return fields;
}

function readValue(tag: number, value: Uint8Array, depth: number): Field["value"] {
  if ((tag & 7) !== 2) return value;
  const content = value.subarray(readVarint(value, 0)[1]);
  const nested = depth < DEPTH_MAX && content.length > 1 ? readFields(content, depth + 1) : null;
  return nested ?? content;
}

/** Writes fields with lengths that are right. */
export function writeFields(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ tag, value }) => {
      const content = value instanceof Uint8Array ? value : writeFields(value);
      return (tag & 7) === 2 ? [varint(tag), varint(content.length), content] : [varint(tag), content];
    }),
  );
}

/** A varint of up to 32 bits. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value >>> 0;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

function endOfValue(bytes: Uint8Array, type: number, at: number): number {
  if (type === 0) return readVarint(bytes, at)[1];
  if (type === 1) return at + 8;
  if (type === 5) return at + 4;
  if (type !== 2) return -1;
  const [length, start] = readVarint(bytes, at);
  return start + length;
}

/** Its low 32 bits, and where it ends; past the end of the bytes where it is cut. */
function readVarint(bytes: Uint8Array, start: number): readonly [value: number, end: number] {
  let value = 0;
  for (let at = start; at < start + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    if (at - start < 5) value |= (byte & 127) << (7 * (at - start));
    if (byte < 128) return [value >>> 0, at + 1];
  }
  return [0, bytes.length + 1];
}
