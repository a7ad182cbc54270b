import { holdsName } from "./byte-range.ts";

const BUCKETS = 512;

/**
 * Finds attribute names by their bytes, so that keys nobody asked for are never decoded to strings. Hot path (`npm run
 * bench -- stages`): a bucket by length and two bytes, then a comparison of all bytes; nothing is allocated after
 * construction.
 */
export class AttributeTable {
  /** First entry of each bucket, or -1; entries of one bucket are chained by `#next`. */
  readonly #heads = new Int16Array(BUCKETS).fill(-1);
  readonly #next: Int16Array;
  readonly #names: readonly DataView[];
  readonly #targets: Uint16Array;

  /** `targets` maps each wanted name to the number that `find` returns for it. */
  constructor(targets: ReadonlyMap<string, number>) {
    const encoder = new TextEncoder();
    this.#names = [...targets.keys()].map((name) => viewOf(encoder.encode(name)));
    this.#targets = Uint16Array.from(targets.values());
    this.#next = new Int16Array(targets.size);
    for (const [entry, name] of this.#names.entries()) {
      const bucket = bucketOf(name, 0, name.byteLength);
      this.#next[entry] = this.#heads[bucket] as number;
      this.#heads[bucket] = entry;
    }
  }

  /** The number of the name that stands at `start` to `end`, or -1. */
  find(view: DataView, start: number, end: number): number {
    if (start >= end) return -1;
    let entry = this.#heads[bucketOf(view, start, end)] as number;
    while (entry >= 0) {
      const name = this.#names[entry] as DataView;
      if (name.byteLength === end - start && holdsName(view, start, name)) return this.#targets[entry] as number;
      entry = this.#next[entry] as number;
    }
    return -1;
  }
}

/** Names share their beginnings (`http.`, `server.`), so the middle and the last byte tell them apart. */
function bucketOf(view: DataView, start: number, end: number): number {
  const last = view.getUint8(end - 1);
  const middle = view.getUint8((start + end) >>> 1);
  return (Math.imul(end - start, 37) ^ Math.imul(last, 11) ^ Math.imul(middle, 5)) & (BUCKETS - 1);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
