// Hot path: once per span. No object, string or closure is made unless a combination of attributes is new.

import type { SpanBatch } from "../model/span-batch.ts";
import { SPAN_KIND } from "../model/span-batch.ts";
import { FAR_END, FAR_END_OF, readFields } from "./attribute-names.ts";
import { classifyAddress } from "./classify-address.ts";
import { Interner, type NodeInterner } from "./interner.ts";
import { readMeaning, type SpanMeaning } from "./span-meaning.ts";
import { TupleTable } from "./tuple-table.ts";

const ROLES = ["none", "out", "in", "transparent"] as const;
export const PROTOCOLS = ["unknown", "http", "rpc", "messaging", "database", "graphql"] as const;
export const OUTCOMES = ["unknown", "ok", "refused", "error"] as const;
export const TRANSPORTS = ["unknown", "tls", "plaintext"] as const;
export const ROLE = { none: 0, out: 1, in: 2, transparent: 3 } as const;

/** A {@link SpanMeaning} in integers: positions in the lists above, and interned names (0 is none). */
export type CompiledMeaning = {
  readonly role: number;
  readonly protocol: number;
  readonly outcome: number;
  readonly transport: number;
  readonly operation: number;
  readonly peer: number;
  readonly isByAddress: boolean;
  readonly destination: number;
  readonly isProxy: boolean;
};

const ATTRIBUTES_MAX = 64;
const STRINGS_MAX = 200_000;
const ADDRESSES_MAX = 50_000;
/** First products of user agents behind which a person sits: browsers, and tools to try out requests with. */
const HAND_TOOL = /^(?:mozilla|curl|wget|postmanruntime|postman|insomnia|httpie|kubectl)$/iu;

/** Reads what spans mean, remembering every combination of kind, status and attributes it has met. */
export class MeaningReader {
  readonly #operations: Interner;
  readonly #nodes: NodeInterner;
  /** The operation of a logical hop, by destination node. */
  readonly #publishOperations = new Map<number, number>();
  #strings = new Interner(Number.POSITIVE_INFINITY);
  #combinations = new TupleTable(4096);
  #meanings: CompiledMeaning[] = [];
  readonly #tuple = new Int32Array(1 + 2 * ATTRIBUTES_MAX);
  #stringIds = new Int32Array(1024);
  #origins = new Int8Array(1024);
  #byHand = new Int8Array(1024);
  /** Whether the span that was read last has a user agent that people use by hand. */
  isByHand = false;
  /** Origins by address, of many requests. */
  readonly #addresses = new Map<string, number>();
  #batch: SpanBatch | null = null;

  constructor(options: { readonly operations: Interner; readonly nodes: NodeInterner }) {
    this.#operations = options.operations;
    this.#nodes = options.nodes;
  }

  /** Makes a batch's dictionary ours; call before {@link read}. */
  begin(batch: SpanBatch): void {
    this.#batch = batch;
    if (this.#strings.size + batch.strings.length > STRINGS_MAX) this.#forget();
    const count = batch.strings.length;
    if (count > this.#stringIds.length) {
      this.#stringIds = new Int32Array(count * 2);
      this.#origins = new Int8Array(count * 2);
      this.#byHand = new Int8Array(count * 2);
    }
    this.#stringIds.fill(0, 0, count);
    this.#origins.fill(-1, 0, count);
    this.#byHand.fill(-1, 0, count);
  }

  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path; one pass over typed arrays, and every `??` only satisfies the index checks.
  read(batch: SpanBatch, span: number): CompiledMeaning {
    const kind = batch.kinds[span] ?? 0;
    const isCalled = kind === SPAN_KIND.server || kind === SPAN_KIND.consumer;
    const tuple = this.#tuple;
    tuple[0] = kind | ((batch.statuses[span] ?? 0) << 3);
    let length = 1;
    this.isByHand = false;
    const end = batch.attributeStarts[span + 1] ?? 0;
    for (let i = batch.attributeStarts[span] ?? 0; i < end && length < tuple.length - 1; i++) {
      const key = batch.attributeKeys[i] ?? 0;
      const farEnd = FAR_END_OF[key] ?? 0;
      if (farEnd === FAR_END.userAgent) {
        this.isByHand ||= this.#readByHand(batch, batch.attributeValues[i] ?? 0);
        continue;
      }
      if (farEnd === FAR_END.firstClient || (isCalled && farEnd !== FAR_END.nothing)) continue;
      tuple[length++] = key;
      tuple[length++] = this.#stringId(batch, batch.attributeValues[i] ?? 0);
    }
    const known = this.#combinations.find(tuple, length);
    return this.#meanings[known] ?? this.#learn(length);
  }

  /** Where a called span says its client is: 0 not said, 1 private, 2 public; a first client's address beats a socket's. */
  origin(batch: SpanBatch, span: number): number {
    const index = this.#addressIndex(batch, span);
    return index < 0 ? 0 : this.#classify(batch, index);
  }

  /** The address behind {@link origin}; null where there is none. Makes a string: for evidence only. */
  clientAddress(span: number): string | null {
    const index = this.#batch === null ? -1 : this.#addressIndex(this.#batch, span);
    return index < 0 ? null : (this.#batch?.strings[index] ?? null);
  }

  /** The operation `publish:destination` of a logical hop through a destination node; 0 where none was named. */
  publishOperation(destination: number): number {
    return this.#publishOperations.get(destination) ?? 0;
  }

  /** The text of {@link publishOperation}; null where none was named. */
  publishOperationName(destination: number): string | null {
    return this.#operations.name(this.publishOperation(destination));
  }

  /** Takes in a destination that an earlier run knew. */
  learnDestination(destination: number, publishOperation: string | null): void {
    if (destination === 0 || this.#publishOperations.has(destination)) return;
    this.#publishOperations.set(destination, this.#operations.intern(publishOperation));
  }

  #addressIndex(batch: SpanBatch, span: number): number {
    let found = -1;
    const end = batch.attributeStarts[span + 1] ?? 0;
    for (let i = batch.attributeStarts[span] ?? 0; i < end; i++) {
      const farEnd = FAR_END_OF[batch.attributeKeys[i] ?? 0];
      const value = batch.attributeValues[i] ?? 0;
      if (farEnd === FAR_END.firstClient) return value;
      if (farEnd === FAR_END.socketAddress && this.#classify(batch, value) > 0) found = value;
    }
    return found;
  }

  #readByHand(batch: SpanBatch, index: number): boolean {
    const known = this.#byHand[index] ?? -1;
    if (known >= 0) return known === 1;
    const isByHand = HAND_TOOL.test(batch.strings[index] ?? "");
    this.#byHand[index] = isByHand ? 1 : 0;
    return isByHand;
  }

  #classify(batch: SpanBatch, index: number): number {
    const known = this.#origins[index] ?? -1;
    if (known >= 0) return known;
    const origin = this.#originOf(batch.strings[index] ?? "");
    this.#origins[index] = origin;
    return origin;
  }

  /** Parsing an address costs more than all else about a span, and clients come again. */
  #originOf(address: string): number {
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    if (this.#addresses.size >= ADDRESSES_MAX) this.#addresses.clear();
    const origin = classifyAddress(address);
    this.#addresses.set(address, origin);
    return origin;
  }

  #stringId(batch: SpanBatch, index: number): number {
    const known = this.#stringIds[index] ?? 0;
    if (known !== 0) return known;
    const id = this.#strings.intern(batch.strings[index] ?? "");
    this.#stringIds[index] = id;
    return id;
  }

  #learn(length: number): CompiledMeaning {
    const keys: number[] = [];
    const values: string[] = [];
    for (let i = 1; i < length; i += 2) {
      keys.push(this.#tuple[i] ?? 0);
      values.push(this.#strings.name(this.#tuple[i + 1] ?? 0) ?? "");
    }
    const head = this.#tuple[0] ?? 0;
    const meaning = this.#compile(readMeaning(head & 7, head >> 3, readFields(keys, values)));
    this.#meanings[this.#combinations.add(this.#tuple, length)] = meaning;
    return meaning;
  }

  #compile(meaning: SpanMeaning): CompiledMeaning {
    const destination = this.#nodes.intern(meaning.destination);
    this.learnDestination(destination, meaning.publishOperation);
    return {
      role: ROLES.indexOf(meaning.role),
      protocol: PROTOCOLS.indexOf(meaning.protocol),
      outcome: OUTCOMES.indexOf(meaning.outcome),
      transport: TRANSPORTS.indexOf(meaning.transport),
      operation: this.#operations.intern(meaning.operation),
      peer: this.#nodes.intern(meaning.peer),
      isByAddress: meaning.isByAddress,
      destination,
      isProxy: meaning.isProxy,
    };
  }

  /** A flood of distinct values must not grow memory for good; what is still in use is learned again at once. */
  #forget(): void {
    this.#strings = new Interner(Number.POSITIVE_INFINITY);
    this.#combinations = new TupleTable(4096);
    this.#meanings = [];
  }
}
