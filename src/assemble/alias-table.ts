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

type Parts = { readonly ring: SpanRing; readonly nodes: NodeInterner; readonly resources: ResourceReader };

/**
 * Which service answered for which address, with how many hops of client and server since the last time. It says
 * nothing about what an address means: that is for those who read and judge, so that no order of arrival can matter.
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

  /** A hop whose two ends are known; one of other kinds, or whose caller named no address, teaches nothing. */
  learn(caller: number, entry: number, seenMs: number): void {
    const { ring, resources } = this.#parts;
    const p = caller & ring.mask;
    const c = entry & ring.mask;
    const flags = ring.flags[p] ?? 0;
    if (!isByAddress(flags) || kindOf(flags) !== SPAN_KIND.client) return;
    // The address of a message is its broker's.
    if (kindOf(ring.flags[c] ?? 0) !== SPAN_KIND.server || ring.destination[p] !== 0) return;
    const calling = resources.senders[ring.sender[p] ?? 0];
    const called = resources.senders[ring.sender[c] ?? 0];
    // An address that leads into another environment is no other name of a service: it is drift of its own.
    if (calling?.partition !== called?.partition) return;
    this.#tuple[ENVIRONMENT] = calling?.partition ?? 0;
    this.#tuple[ADDRESS] = ring.peer[p] ?? 0;
    this.#tuple[SERVICE] = called?.node ?? 0;
    ring.entryAlias[c] = 1 + this.#count(seenMs);
  }

  /** The hop that enters at a span is taken back. */
  retract(entry: number): void {
    const { ring } = this.#parts;
    const alias = (ring.entryAlias[entry & ring.mask] ?? 0) - 1;
    if (alias < 0) return;
    ring.entryAlias[entry & ring.mask] = 0;
    this.#counts[alias] = (this.#counts[alias] ?? 0) - 1;
    this.#dirty.add(alias);
  }

  /** What was learned since the last call. */
  take(): AliasSighting[] {
    const sightings = [...this.#dirty].map((alias) => this.#spell(alias)).filter(isTelling);
    for (const alias of this.#dirty) this.#counts[alias] = 0;
    this.#dirty.clear();
    return sightings;
  }

  /** The pair's number, or -1 where the table is full. */
  #count(seenMs: number): number {
    if (this.#tuples.size >= ALIASES_MAX && this.#tuples.find(this.#tuple, PARTS) < 0) {
      this.overflows++;
      return -1;
    }
    const alias = this.#tuples.add(this.#tuple, PARTS);
    if (!this.#dirty.has(alias)) {
      this.#dirty.add(alias);
      this.#firstMs[alias] = seenMs;
      this.#lastMs[alias] = seenMs;
    }
    this.#counts[alias] = (this.#counts[alias] ?? 0) + 1;
    this.#firstMs[alias] = Math.min(this.#firstMs[alias] ?? seenMs, seenMs);
    this.#lastMs[alias] = Math.max(this.#lastMs[alias] ?? seenMs, seenMs);
    return alias;
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

/** Names in parentheses are buckets of the collector's own, such as `(other)`: nothing is another name of them. */
function isTelling({ address, service, count }: AliasSighting): boolean {
  return count !== 0 && !address.startsWith("(") && !service.startsWith("(");
}
