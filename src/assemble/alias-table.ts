// Hot path: once per hop, where the caller named an address. Integers in tables; objects are made when facts are taken.

import type { AliasSighting } from "../model/alias.ts";
import { SPAN_KIND } from "../model/span-batch.ts";
import type { NodeInterner } from "./interner.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { isByAddress, kindOf } from "./span-flags.ts";
import type { SpanRing } from "./span-ring.ts";
import { TupleTable } from "./tuple-table.ts";

const PARTS = 3;
const ENVIRONMENT = 0;
const ADDRESS = 1;
const SERVICE = 2;
const ALIASES_MAX = 20_000;
/** Answers to one call that are told apart, one more than there may be. */
const ANSWERS_MAX = 1_024;
/** In place of what a call has taught: several services answered it. */
const SEVERAL = -1;

type Parts = { readonly ring: SpanRing; readonly nodes: NodeInterner; readonly resources: ResourceReader };

/**
 * Which service answered for which address, with how many hops of client and server since the last time. It says
 * nothing about what an address means: that is for those who read and judge, so that no order of arrival can matter.
 * A call that several services answered, because it was redirected or mirrored, does not tell whose the address is.
 */
export class AliasTable {
  readonly #parts: Parts;
  readonly #tuples = new TupleTable(256);
  readonly #tuple = new Int32Array(PARTS);
  readonly #counts: number[] = [];
  readonly #firstMs: number[] = [];
  readonly #lastMs: number[] = [];
  readonly #dirty = new Set<number>();
  overflows = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A hop whose two ends are known; one of other kinds, or whose caller named no address, teaches nothing. Who answered
   * the calling span, and how often that was taught, stands in its `entryAlias`; the entry's names the calling span.
   */
  learn(caller: number, entry: number, seenMs: number): void {
    const { ring, resources } = this.#parts;
    const p = caller & ring.mask;
    const c = entry & ring.mask;
    if (!this.#isToAddress(p)) return;
    const calling = resources.senders[ring.sender[p] ?? 0];
    const called = resources.senders[ring.sender[c] ?? 0];
    // An address that leads into another environment is no other name of a service: it is drift of its own.
    if (calling?.partition !== called?.partition) return;
    this.#tuple[ENVIRONMENT] = calling?.partition ?? 0;
    this.#tuple[ADDRESS] = ring.peer[p] ?? 0;
    this.#tuple[SERVICE] = called?.node ?? 0;
    const alias = this.#answer(p, seenMs);
    if (alias < 0 || kindOf(ring.flags[c] ?? 0) !== SPAN_KIND.server) return;
    this.#add(alias, 1, seenMs);
    ring.entryAlias[p] = (ring.entryAlias[p] ?? 0) + 1;
    ring.entryAlias[c] = 1 + caller;
  }

  /** The address of a message is its broker's. */
  #isToAddress(p: number): boolean {
    const { ring } = this.#parts;
    const flags = ring.flags[p] ?? 0;
    return isByAddress(flags) && kindOf(flags) === SPAN_KIND.client && ring.destination[p] === 0;
  }

  /** The alias that a calling span may teach; -1 where it teaches none, because several services answered it. */
  #answer(p: number, seenMs: number): number {
    const { ring } = this.#parts;
    const taught = ring.entryAlias[p] ?? 0;
    const alias = taught === SEVERAL ? -1 : this.#find();
    if (alias < 0) return -1;
    if (taught !== 0 && (aliasOf(taught) !== alias || answersOf(taught) === ANSWERS_MAX - 1)) {
      if (answersOf(taught) > 0) this.#add(aliasOf(taught), -answersOf(taught), seenMs);
      ring.entryAlias[p] = SEVERAL;
      return -1;
    }
    if (taught === 0) ring.entryAlias[p] = (alias + 1) * ANSWERS_MAX;
    return alias;
  }

  /** The hop that enters at a span is taken back. */
  retract(entry: number): void {
    const { ring } = this.#parts;
    const c = entry & ring.mask;
    if (kindOf(ring.flags[c] ?? 0) !== SPAN_KIND.server) return;
    const caller = (ring.entryAlias[c] ?? 0) - 1;
    ring.entryAlias[c] = 0;
    const taught = ring.isLive(caller) ? (ring.entryAlias[caller & ring.mask] ?? 0) : 0;
    if (taught <= 0) return;
    this.#add(aliasOf(taught), -1, Number.NaN);
    ring.entryAlias[caller & ring.mask] = answersOf(taught) === 1 ? 0 : taught - 1;
  }

  /** What was learned since the last call. */
  take(): AliasSighting[] {
    const sightings = [...this.#dirty].map((alias) => this.#spell(alias)).filter(isTelling);
    for (const alias of this.#dirty) this.#counts[alias] = 0;
    this.#dirty.clear();
    return sightings;
  }

  /** The pair's number, or -1 where the table is full. */
  #find(): number {
    if (this.#tuples.size >= ALIASES_MAX && this.#tuples.find(this.#tuple, PARTS) < 0) {
      this.overflows++;
      return -1;
    }
    return this.#tuples.add(this.#tuple, PARTS);
  }

  /** Counts answers, or takes them back: that says nothing of when the service was seen. */
  #add(alias: number, answers: number, seenMs: number): void {
    this.#counts[alias] = (this.#counts[alias] ?? 0) + answers;
    const isFirst = !this.#dirty.has(alias);
    this.#dirty.add(alias);
    if (answers < 0) return;
    this.#firstMs[alias] = isFirst ? seenMs : Math.min(this.#firstMs[alias] ?? seenMs, seenMs);
    this.#lastMs[alias] = isFirst ? seenMs : Math.max(this.#lastMs[alias] ?? seenMs, seenMs);
  }

  #spell(alias: number): AliasSighting {
    const { nodes, resources } = this.#parts;
    return {
      environment: resources.environment(this.#tuples.at(alias, ENVIRONMENT)),
      address: nodes.node(this.#tuples.at(alias, ADDRESS)).name,
      service: nodes.node(this.#tuples.at(alias, SERVICE)).name,
      count: this.#counts[alias] ?? 0,
      firstSeenMs: this.#firstMs[alias] ?? 0,
      lastSeenMs: this.#lastMs[alias] ?? 0,
    };
  }
}

function aliasOf(taught: number): number {
  return Math.floor(taught / ANSWERS_MAX) - 1;
}

function answersOf(taught: number): number {
  return taught % ANSWERS_MAX;
}

/** Names in parentheses are buckets of the collector's own, such as `(other)`: nothing is another name of them. */
function isTelling({ address, service, count }: AliasSighting): boolean {
  return count !== 0 && !address.startsWith("(") && !service.startsWith("(");
}
