/*
 * Hashing and comparing ranges of bytes, four at a time: this runs for the key and the value of every wanted attribute,
 * and byte by byte decoding as a whole took a quarter longer. A length that four does not divide ends with a word that overlaps the
 * one before it. Callers vouch for the ranges.
 */

/** A 32-bit hash of the bytes and the seed, of which any bits may choose a slot. */
export function hashRange(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  if (end - start < 4) {
    for (let at = start; at < end; at += 1) hash = mix(hash, view.getUint8(at));
  } else {
    const last = end - 4;
    for (let at = start; at < last; at += 4) hash = mix(hash, view.getInt32(at));
    hash = mix(hash, view.getInt32(last));
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** True where the `length` bytes at `start` are those at `other`. */
export function equalRanges(view: DataView, start: number, other: number, length: number): boolean {
  if (length < 4) {
    for (let at = 0; at < length; at += 1) {
      if (view.getUint8(start + at) !== view.getUint8(other + at)) return false;
    }
    return true;
  }
  const last = length - 4;
  for (let at = 0; at < last; at += 4) {
    if (view.getInt32(start + at) !== view.getInt32(other + at)) return false;
  }
  return view.getInt32(start + last) === view.getInt32(other + last);
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
