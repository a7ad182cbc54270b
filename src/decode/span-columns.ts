import type { SpanBatch } from "../model/span-batch.ts";

const SPANS_AT_FIRST = 512;
const ENTRIES_AT_FIRST = 4096;

type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** The columns of a batch that the spans fill; the rest are the credentials', the dictionary's and the decoder's. */
type FilledColumns = Omit<
  SpanBatch,
  "strings" | "rejected" | "credentialStarts" | "credentials" | "peerIndexes" | "peers" | "leaks"
>;

/**
 * The columns of the batch under construction, growing as needed and used again for the next request. A span's
 * attributes and links are appended first; `keepSpan` makes them a row, `dropSpan` takes them back.
 *
 * Hot path (`npm run bench -- stages`): nothing is allocated but when a column doubles, and once a request when the
 * filled parts are copied out.
 */
export class SpanColumns {
  spanCount = 0;
  traceIds = new Uint32Array(SPANS_AT_FIRST * 4);
  spanIds = new Uint32Array(SPANS_AT_FIRST * 2);
  parentIds = new Uint32Array(SPANS_AT_FIRST * 2);
  kinds = new Uint8Array(SPANS_AT_FIRST);
  statuses = new Uint8Array(SPANS_AT_FIRST);
  startMs = new Float64Array(SPANS_AT_FIRST);
  endMs = new Float64Array(SPANS_AT_FIRST);
  weights = new Float32Array(SPANS_AT_FIRST);
  /** Whether any span kept so far stands for more than itself. */
  isWeighted = false;
  resourceCount = 0;
  #resources = new Uint32Array(SPANS_AT_FIRST);
  #attributeStarts = new Uint32Array(SPANS_AT_FIRST + 1);
  #linkStarts = new Uint32Array(SPANS_AT_FIRST + 1);
  #attributeCount = 0;
  #attributeKeys = new Uint16Array(ENTRIES_AT_FIRST);
  #attributeValues = new Uint32Array(ENTRIES_AT_FIRST);
  #linkCount = 0;
  #links = new Uint32Array(ENTRIES_AT_FIRST * 6);
  #resourceStarts = new Uint32Array(SPANS_AT_FIRST + 1);
  #resourceAttributeCount = 0;
  #resourceAttributeKeys = new Uint16Array(ENTRIES_AT_FIRST);
  #resourceAttributeValues = new Uint32Array(ENTRIES_AT_FIRST);

  /** Forgets the last request. */
  clear(): void {
    this.spanCount = 0;
    this.isWeighted = false;
    this.resourceCount = 0;
    this.#attributeCount = 0;
    this.#linkCount = 0;
    this.#resourceAttributeCount = 0;
  }

  /** Makes room for one more span, whose row is `spanCount`. */
  openSpan(): void {
    if (this.spanCount === this.kinds.length) this.#growSpans();
  }

  addAttribute(key: number, value: number): void {
    const at = this.#attributeCount;
    if (at === this.#attributeKeys.length) {
      this.#attributeKeys = doubled(this.#attributeKeys);
      this.#attributeValues = doubled(this.#attributeValues);
    }
    this.#attributeKeys[at] = key;
    this.#attributeValues[at] = value;
    this.#attributeCount = at + 1;
  }

  /** Appends a link and returns where its six words are to be written in `links`. */
  addLink(): number {
    const at = this.#linkCount * 6;
    if (at === this.#links.length) this.#links = doubled(this.#links);
    this.#linkCount += 1;
    return at;
  }

  get links(): Uint32Array {
    return this.#links;
  }

  /** Takes back the last link. */
  dropLink(): void {
    this.#linkCount -= 1;
  }

  keepSpan(): void {
    this.#resources[this.spanCount] = this.resourceCount;
    this.spanCount += 1;
    this.#attributeStarts[this.spanCount] = this.#attributeCount;
    this.#linkStarts[this.spanCount] = this.#linkCount;
  }

  dropSpan(): void {
    this.#attributeCount = this.#attributeStarts[this.spanCount] as number;
    this.#linkCount = this.#linkStarts[this.spanCount] as number;
  }

  /** Adds to the resource whose spans are being read; its index is `resourceCount`. */
  addResourceAttribute(key: number, value: number): void {
    const at = this.#resourceAttributeCount;
    if (at === this.#resourceAttributeKeys.length) {
      this.#resourceAttributeKeys = doubled(this.#resourceAttributeKeys);
      this.#resourceAttributeValues = doubled(this.#resourceAttributeValues);
    }
    this.#resourceAttributeKeys[at] = key;
    this.#resourceAttributeValues[at] = value;
    this.#resourceAttributeCount = at + 1;
  }

  keepResource(): void {
    this.resourceCount += 1;
    if (this.resourceCount === this.#resourceStarts.length) this.#resourceStarts = doubled(this.#resourceStarts);
    this.#resourceStarts[this.resourceCount] = this.#resourceAttributeCount;
  }

  dropResource(): void {
    this.#resourceAttributeCount = this.#resourceStarts[this.resourceCount] as number;
  }

  /** Copies what was filled into arrays of the batch's own. */
  copy(): FilledColumns {
    const spans = this.spanCount;
    return {
      spanCount: spans,
      traceIds: this.traceIds.slice(0, spans * 4),
      spanIds: this.spanIds.slice(0, spans * 2),
      parentIds: this.parentIds.slice(0, spans * 2),
      kinds: this.kinds.slice(0, spans),
      statuses: this.statuses.slice(0, spans),
      startMs: this.startMs.slice(0, spans),
      endMs: this.endMs.slice(0, spans),
      weights: this.weights.slice(0, this.isWeighted ? spans : 0),
      resources: this.#resources.slice(0, spans),
      attributeStarts: this.#attributeStarts.slice(0, spans + 1),
      attributeKeys: this.#attributeKeys.slice(0, this.#attributeCount),
      attributeValues: this.#attributeValues.slice(0, this.#attributeCount),
      linkStarts: this.#linkStarts.slice(0, spans + 1),
      links: this.#links.slice(0, this.#linkCount * 6),
      resourceCount: this.resourceCount,
      resourceAttributeStarts: this.#resourceStarts.slice(0, this.resourceCount + 1),
      resourceAttributeKeys: this.#resourceAttributeKeys.slice(0, this.#resourceAttributeCount),
      resourceAttributeValues: this.#resourceAttributeValues.slice(0, this.#resourceAttributeCount),
    };
  }

  #growSpans(): void {
    this.traceIds = doubled(this.traceIds);
    this.spanIds = doubled(this.spanIds);
    this.parentIds = doubled(this.parentIds);
    this.kinds = doubled(this.kinds);
    this.statuses = doubled(this.statuses);
    this.startMs = doubled(this.startMs);
    this.endMs = doubled(this.endMs);
    this.weights = doubled(this.weights);
    this.#resources = doubled(this.#resources);
    this.#attributeStarts = doubled(this.#attributeStarts);
    this.#linkStarts = doubled(this.#linkStarts);
  }
}

/** A copy of a column with room for twice as many entries. */
export function doubled<T extends Column>(column: T): T {
  const larger = new (column.constructor as new (length: number) => T)(column.length * 2);
  larger.set(column);
  return larger;
}
