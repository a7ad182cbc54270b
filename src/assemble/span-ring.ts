// Hot path: several look-ups per span. Typed arrays only; nothing is allocated but when the ring doubles.

import type { SpanBatch } from "../model/span-batch.ts";

/** "No span": what references hold where there is none. */
export const NONE = -1;
const REFERENCE_MASK = 0x7fff_ffff;
const EMPTY = -1;

/**
 * The spans that wait for their other half: columns in a ring, oldest first out, and one open-addressing index.
 * A *reference* is a span's running number (31 bits); its place in the columns is `reference & mask`.
 * The index holds, under (trace id, span id), either the newest span with that id (a reference) or, while no such span
 * has come, the newest child that waits for it (`-2 - reference`). Spans with one id form a chain by `nextSameId`;
 * children of one parent, or of one awaited id, by `nextSibling`, newest first, so that the oldest ends every chain
 * and may leave without being unhooked: a chain ends at the first reference that is no longer live.
 */
export class SpanRing {
  capacity: number;
  mask: number;
  trace: Uint32Array;
  span: Uint32Array;
  parent: Uint32Array;
  sender: Int32Array;
  flags: Uint32Array;
  operation: Int32Array;
  peer: Int32Array;
  destination: Int32Array;
  profile: Int32Array;
  fingerprint: Int32Array;
  expiresAtS: Float64Array;
  /** The span's row in `SpanExtras`; 0 where it has none. */
  extra: Int32Array;
  /** How many spans this one stands for; see {@link SpanBatch.weights}. */
  weight: Float32Array;
  startMs: Float64Array;
  arrivalMs: Float64Array;
  parentRef: Int32Array;
  firstChild: Int32Array;
  nextSibling: Int32Array;
  nextSameId: Int32Array;
  /** Shape + 1 of the hop that enters here, 0 while none is counted. */
  entryShape: Int32Array;
  /**
   * Shape + 1 of the second hop that rests on this span: of a calling span the one-sided guess, of a called one the hop
   * through proxies that ends here.
   */
  guessShape: Int32Array;
  /**
   * Of a called span whose hop teaches an address, the calling span's reference + 1; of the calling one, what it has
   * taught. See `AliasTable`.
   */
  entryAlias: Int32Array;
  readonly #capacityMax: number;
  #index: Int32Array;
  /** Where the last {@link find} ended, until the index changes under it; NONE then. */
  #foundSlot = NONE;
  #next = 0;
  #count = 0;

  constructor(options: { readonly capacityMax: number; readonly capacity?: number }) {
    this.#capacityMax = powerOfTwo(options.capacityMax);
    this.capacity = Math.min(this.#capacityMax, options.capacity ?? 1 << 14);
    this.mask = this.capacity - 1;
    const n = this.capacity;
    this.trace = new Uint32Array(n * 4);
    this.span = new Uint32Array(n * 2);
    this.parent = new Uint32Array(n * 2);
    this.sender = new Int32Array(n);
    this.flags = new Uint32Array(n);
    this.operation = new Int32Array(n);
    this.peer = new Int32Array(n);
    this.destination = new Int32Array(n);
    this.profile = new Int32Array(n);
    this.fingerprint = new Int32Array(n);
    this.expiresAtS = new Float64Array(n);
    this.extra = new Int32Array(n);
    this.weight = new Float32Array(n);
    this.startMs = new Float64Array(n);
    this.arrivalMs = new Float64Array(n);
    this.parentRef = new Int32Array(n);
    this.firstChild = new Int32Array(n);
    this.nextSibling = new Int32Array(n);
    this.nextSameId = new Int32Array(n);
    this.entryShape = new Int32Array(n);
    this.guessShape = new Int32Array(n);
    this.entryAlias = new Int32Array(n);
    this.#index = new Int32Array(n * 4).fill(EMPTY);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#capacityMax;
  }

  /** The oldest span's reference, or NONE. */
  get oldest(): number {
    return this.#count === 0 ? NONE : (this.#next - this.#count) & REFERENCE_MASK;
  }

  /** The reference that the next span will get. */
  get next(): number {
    return this.#next;
  }

  isLive(reference: number): boolean {
    return reference >= 0 && ((this.#next - 1 - reference) & REFERENCE_MASK) < this.#count;
  }

  /** Whether a span has any of these flags. */
  has(reference: number, flags: number): boolean {
    return ((this.flags[reference & this.mask] ?? 0) & flags) !== 0;
  }

  set(reference: number, flags: number): void {
    const i = reference & this.mask;
    this.flags[i] = (this.flags[i] ?? 0) | flags;
  }

  clear(reference: number, flags: number): void {
    const i = reference & this.mask;
    this.flags[i] = (this.flags[i] ?? 0) & ~flags;
  }

  /** The newest span with this id in this trace, or NONE. */
  find(batch: SpanBatch, span: number): number {
    const t = span * 4;
    const s = span * 2;
    this.#foundSlot = this.#probe(batch.traceIds, t, batch.spanIds, s);
    return this.#liveOwn(this.#index[this.#foundSlot] ?? EMPTY);
  }

  /** The newest span that a link names: its trace id's four words and its span id's two, one after the other. */
  findLink(words: Uint32Array, at: number): number {
    const slot = this.#probe(words, at, words, at + 4);
    return this.#liveOwn(this.#index[slot] ?? EMPTY);
  }

  /** Takes a span's ids and makes room for the rest of its columns; the caller has made sure the ring is not full. */
  push(batch: SpanBatch, span: number): number {
    if (this.#count === this.capacity) this.#grow();
    const reference = this.#next;
    const i = reference & this.mask;
    for (let word = 0; word < 4; word++) this.trace[i * 4 + word] = batch.traceIds[span * 4 + word] ?? 0;
    for (let word = 0; word < 2; word++) {
      this.span[i * 2 + word] = batch.spanIds[span * 2 + word] ?? 0;
      this.parent[i * 2 + word] = batch.parentIds[span * 2 + word] ?? 0;
    }
    this.parentRef[i] = NONE;
    this.firstChild[i] = NONE;
    this.nextSibling[i] = NONE;
    this.nextSameId[i] = NONE;
    this.extra[i] = 0;
    this.entryShape[i] = 0;
    this.guessShape[i] = 0;
    this.entryAlias[i] = 0;
    this.#next = (reference + 1) & REFERENCE_MASK;
    this.#count++;
    return reference;
  }

  /**
   * Enters a span under its own id; it takes over the children that waited for the id. It is the span that was looked
   * for last, so where the index has not changed since, its slot is known.
   */
  indexOwn(reference: number): void {
    const i = reference & this.mask;
    const slot = this.#foundSlot >= 0 ? this.#foundSlot : this.#probe(this.trace, i * 4, this.span, i * 2);
    const held = this.#index[slot] ?? EMPTY;
    if (held >= 0) this.nextSameId[i] = held;
    else if (held !== EMPTY) this.firstChild[i] = -2 - held;
    this.#index[slot] = reference;
  }

  /** The newest span with the id of this one's parent, or NONE; then the span waits for the parent to come. */
  findParentOrWait(reference: number): number {
    const i = reference & this.mask;
    const slot = this.#probe(this.trace, i * 4, this.parent, i * 2);
    const held = this.#index[slot] ?? EMPTY;
    if (held >= 0) return held;
    if (held !== EMPTY) this.nextSibling[i] = -2 - held;
    this.#index[slot] = -2 - reference;
    return NONE;
  }

  /** Makes a span the newest child of another. */
  adopt(parent: number, child: number): void {
    const p = parent & this.mask;
    const c = child & this.mask;
    this.parentRef[c] = parent;
    this.nextSibling[c] = this.firstChild[p] ?? NONE;
    this.firstChild[p] = child;
  }

  /** Lets the oldest span go. */
  dropOldest(): void {
    const reference = this.oldest;
    const i = reference & this.mask;
    this.#unindex(hashId(this.trace, i * 4, this.span, i * 2), reference);
    if ((this.parent[i * 2] ?? 0) !== 0 || (this.parent[i * 2 + 1] ?? 0) !== 0) {
      this.#unindex(hashId(this.trace, i * 4, this.parent, i * 2), -2 - reference);
    }
    this.#count--;
  }

  #liveOwn(held: number): number {
    return held >= 0 ? held : NONE;
  }

  /** Takes an entry out, if it is there: it stands behind its hash, before the next empty slot, and no key is compared. */
  #unindex(hash: number, held: number): void {
    const index = this.#index;
    const indexMask = index.length - 1;
    for (let slot = hash & indexMask; ; slot = (slot + 1) & indexMask) {
      const found = index[slot];
      if (found === held) this.#remove(slot);
      if (found === held || found === EMPTY) return;
    }
  }

  /** Finds the slot of a key, or the empty slot where it would go. */
  #probe(traces: Uint32Array, t: number, spans: Uint32Array, s: number): number {
    const indexMask = this.#index.length - 1;
    let slot = hashId(traces, t, spans, s) & indexMask;
    for (let held = this.#index[slot] ?? EMPTY; held !== EMPTY; held = this.#index[slot] ?? EMPTY) {
      if (this.#hasKey(held, traces, t, spans, s)) return slot;
      slot = (slot + 1) & indexMask;
    }
    return slot;
  }

  /** Where one side's high half of the trace id is zero (64-bit ids), the low half decides. */
  // biome-ignore lint/complexity/useMaxParams: two (array, offset) pairs; an object per probe would be garbage.
  #hasKey(held: number, traces: Uint32Array, t: number, spans: Uint32Array, s: number): boolean {
    const i = (held >= 0 ? held : -2 - held) & this.mask;
    const ids = held >= 0 ? this.span : this.parent;
    if (ids[i * 2 + 1] !== spans[s + 1] || ids[i * 2] !== spans[s]) return false;
    const mine = this.trace;
    if (mine[i * 4 + 3] !== traces[t + 3] || mine[i * 4 + 2] !== traces[t + 2]) return false;
    if (mine[i * 4 + 1] === traces[t + 1] && mine[i * 4] === traces[t]) return true;
    return (mine[i * 4 + 1] === 0 && mine[i * 4] === 0) || (traces[t + 1] === 0 && traces[t] === 0);
  }

  /** Linear probing without tombstones: the entries behind a freed slot move up (Knuth, TAOCP 6.4, algorithm R). */
  #remove(slot: number): void {
    this.#foundSlot = NONE;
    const indexMask = this.#index.length - 1;
    let hole = slot;
    for (let at = (slot + 1) & indexMask; this.#index[at] !== EMPTY; at = (at + 1) & indexMask) {
      const home = this.#home(this.#index[at] ?? EMPTY) & indexMask;
      if (((at - home) & indexMask) < ((at - hole) & indexMask)) continue;
      this.#index[hole] = this.#index[at] ?? EMPTY;
      hole = at;
    }
    this.#index[hole] = EMPTY;
  }

  #home(held: number): number {
    const i = (held >= 0 ? held : -2 - held) & this.mask;
    return hashId(this.trace, i * 4, held >= 0 ? this.span : this.parent, i * 2);
  }

  #grow(): void {
    this.#foundSlot = NONE;
    const oldIndex = this.#index;
    const capacity = this.capacity * 2;
    for (const column of COLUMNS) {
      const old = this[column];
      const width = old.length / this.capacity;
      const larger = new (old.constructor as new (n: number) => typeof old)(capacity * width);
      this.#copyLive(old, larger, width);
      Object.assign(this, { [column]: larger });
    }
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.#index = new Int32Array(capacity * 4).fill(EMPTY);
    for (const held of oldIndex) if (held !== EMPTY) this.#reindex(held);
  }

  /** Copies a column's live part to where its references point in a column twice as long, in at most three runs. */
  #copyLive(old: Column, larger: Column, width: number): void {
    const first = (this.#next - this.#count) & REFERENCE_MASK;
    const [oldCapacity, capacity] = [old.length / width, larger.length / width];
    for (let copied = 0; copied < this.#count; ) {
      const from = (first + copied) & (oldCapacity - 1);
      const to = (first + copied) & (capacity - 1);
      const run = Math.min(this.#count - copied, oldCapacity - from, capacity - to);
      larger.set(old.subarray(from * width, (from + run) * width), to * width);
      copied += run;
    }
  }

  #reindex(held: number): void {
    const indexMask = this.#index.length - 1;
    let slot = this.#home(held) & indexMask;
    while (this.#index[slot] !== EMPTY) slot = (slot + 1) & indexMask;
    this.#index[slot] = held;
  }
}

type Column = Uint32Array | Int32Array | Float32Array | Float64Array;

const COLUMNS = [
  "trace",
  "span",
  "parent",
  "sender",
  "flags",
  "operation",
  "peer",
  "destination",
  "profile",
  "fingerprint",
  "expiresAtS",
  "extra",
  "weight",
  "startMs",
  "arrivalMs",
  "parentRef",
  "firstChild",
  "nextSibling",
  "nextSameId",
  "entryShape",
  "guessShape",
  "entryAlias",
] as const;

function hashId(traces: Uint32Array, t: number, spans: Uint32Array, s: number): number {
  let h = Math.imul((traces[t + 2] ?? 0) ^ (spans[s] ?? 0), 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15) ^ (traces[t + 3] ?? 0), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ (spans[s + 1] ?? 0), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function powerOfTwo(size: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(2, size)));
}
