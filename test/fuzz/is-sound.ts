/** The messages that are looked into, by the number of the field they stand in. */
type Skeleton = { readonly [field: number]: Skeleton };

const SCOPE_SPANS: Skeleton = { 2: { 9: {}, 13: {}, 15: {} } };
const REQUEST: Skeleton = { 1: { 1: { 1: {} }, 2: SCOPE_SPANS, 1000: SCOPE_SPANS } };

/**
 * True where every field of the messages that a decoder has to look into ends within its message: written as plainly
 * as can be, because it is what the fast reader is compared with.
 */
export function isSound(bytes: Uint8Array, skeleton: Skeleton = REQUEST): boolean {
  let rest = bytes;
  while (rest.length > 0) {
    const tag = takeVarint(rest);
    if (tag === null || tag.value < 8n || tag.value >= 2n ** 32n) return false;
    const end = endOfField(Number(tag.value & 7n), tag.rest);
    if (end === null || end > tag.rest.length) return false;
    if (!isInnerSound(Number(tag.value), tag.rest.subarray(0, end), skeleton)) return false;
    rest = tag.rest.subarray(end);
  }
  return true;
}

/** The number of the field is the tag without its three lowest bits, the wire type; 2 is a message. */
function isInnerSound(tag: number, field: Uint8Array, skeleton: Skeleton): boolean {
  const inner = tag % 8 === 2 ? skeleton[Math.floor(tag / 8)] : undefined;
  return inner === undefined || isSound(takeVarint(field)?.rest ?? field, inner);
}

/** How many bytes the value of a field takes, its length included; null where that cannot be said. */
function endOfField(type: number, rest: Uint8Array): number | null {
  if (type === 1) return 8;
  if (type === 5) return 4;
  const number = takeVarint(rest);
  if (number === null || (type !== 0 && type !== 2)) return null;
  const size = rest.length - number.rest.length;
  return type === 0 ? size : size + Number(number.value);
}

function takeVarint(bytes: Uint8Array): { readonly value: bigint; readonly rest: Uint8Array } | null {
  let value = 0n;
  for (let at = 0; at < Math.min(bytes.length, 10); at++) {
    value |= BigInt((bytes[at] ?? 0) & 127) << BigInt(7 * at);
    if ((bytes[at] ?? 0) < 128) return { value: BigInt.asUintN(64, value), rest: bytes.subarray(at + 1) };
  }
  return null;
}
