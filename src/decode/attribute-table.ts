const BUCKETS = 512;

/**
 * Finds attribute names by their bytes, so that keys nobody asked for are never decoded to strings.
 * Hot path: a bucket by length and two bytes, then a comparison of all bytes; nothing is allocated after construction.
 */
export class AttributeTable {
  /** First entry of each bucket, or -1; entries of one bucket are chained by `#next`. */
  readonly #heads = new Int16Array(BUCKETS).fill(-1);
  readonly #next: Int16Array;
  readonly #names: readonly Uint8Array[];
  readonly #targets: Uint16Array;

  /** `targets` maps each wanted name to the number that `find` returns for it. */
  constructor(targets: ReadonlyMap<string, number>) {
    const encoder = new TextEncoder();
    this.#names = [...targets.keys()].map((name) => encoder.encode(name));
    this.#targets = Uint16Array.from(targets.values());
    this.#next = new Int16Array(targets.size);
    for (const [entry, name] of this.#names.entries()) {
      const bucket = bucketOf(name, 0, name.length);
      this.#next[entry] = this.#heads[bucket] as number;
      this.#heads[bucket] = entry;
    }
  }

  /** The number of the name that stands at `start` to `end`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (start >= end) return -1;
    let entry = this.#heads[bucketOf(bytes, start, end)] as number;
    while (entry >= 0) {
      if (equals(this.#names[entry] as Uint8Array, bytes, start, end)) return this.#targets[entry] as number;
      entry = this.#next[entry] as number;
    }
    return -1;
  }
}

/** Names share their beginnings (`http.`, `server.`), so the middle and the last byte tell them apart. */
function bucketOf(bytes: Uint8Array, start: number, end: number): number {
  const last = bytes[end - 1] as number;
  const middle = bytes[(start + end) >>> 1] as number;
  return (Math.imul(end - start, 37) ^ Math.imul(last, 11) ^ Math.imul(middle, 5)) & (BUCKETS - 1);
}

function equals(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = name.length;
  if (end - start !== length) return false;
  for (let at = 0; at < length; at += 1) {
    if (name[at] !== bytes[start + at]) return false;
  }
  return true;
}
