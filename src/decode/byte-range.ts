/*
 * Hashing and comparing ranges of bytes, four at a time: this runs for the key and the value of every wanted
 * attribute, and byte by byte decoding as a whole took a quarter longer. A length that four does not divide ends with
 * a word that overlaps the one before it. Callers vouch for the ranges.
 */

/** Bytes that stand somewhere. */
export type ByteRange = { readonly view: DataView; readonly start: number; readonly length: number };

/** A 32-bit hash of the bytes and the seed, of which any bits may choose a slot. */
export function hashRange({ view, start, length }: ByteRange, seed: number): number {
  let hash = seed ^ length;
  if (length < 4) {
    for (let at = start; at < start + length; at += 1) hash = mix(hash, view.getUint8(at));
  } else {
    const last = start + length - 4;
    for (let at = start; at < last; at += 4) hash = mix(hash, view.getInt32(at));
    hash = mix(hash, view.getInt32(last));
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** True where the bytes of the range stand at `at` of `held`, too. */
export function equalRange({ view, start, length }: ByteRange, held: DataView, at: number): boolean {
  if (length < 4) {
    for (let byte = 0; byte < length; byte += 1) {
      if (view.getUint8(start + byte) !== held.getUint8(at + byte)) return false;
    }
    return true;
  }
  const last = length - 4;
  for (let byte = 0; byte < last; byte += 4) {
    if (view.getInt32(start + byte) !== held.getInt32(at + byte)) return false;
  }
  return view.getInt32(start + last) === held.getInt32(at + last);
}

/** True where the bytes at `start` are those of `name`, as many as it has. */
export function holdsName(view: DataView, start: number, name: DataView): boolean {
  const last = name.byteLength - 4;
  for (let at = 0; at < last; at += 4) {
    if (view.getInt32(start + at) !== name.getInt32(at)) return false;
  }
  for (let at = Math.max(last, 0); at < name.byteLength; at += 1) {
    if (view.getUint8(start + at) !== name.getUint8(at)) return false;
  }
  return true;
}

function mix(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x9e3779b1);
}
