// Not hot: spans with links are few. A span that may be the target of one costs a look-up in an empty map.

import type { SpanBatch } from "../model/span-batch.ts";
import { SPAN_KIND } from "../model/span-batch.ts";
import type { HopCounter } from "./hop-counter.ts";
import type { LinkRules } from "./link-rules.ts";
import { ROLE } from "./meaning-reader.ts";
import { type ProducerTable, producerKey } from "./producer-table.ts";
import { FLAG, kindOf, roleOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";
import type { TraceJoins } from "./trace-joins.ts";

const LINKS_PER_SPAN_MAX = 1_000;
const WAITS_MAX = 100_000;

type Wait = { readonly entry: number; readonly key: string };

type Parts = {
  readonly ring: SpanRing;
  readonly hops: HopCounter;
  readonly links: LinkRules;
  readonly producers: ProducerTable;
  readonly joins: TraceJoins;
};

/**
 * Hops by span link. The consumer comes last, often in a trace of its own, so producers are remembered long after
 * their spans have left the window; any other span can be linked to while it is in the window. A link whose target
 * has not come waits for it as long as the linking span does.
 */
export class SpanLinks {
  readonly #parts: Parts;
  /** Links that wait, by the id they name. */
  readonly #waits = new Map<string, Wait[]>();
  readonly #waitsOf = new Map<number, Wait[]>();
  #waiting = 0;
  readonly #ids = new Uint32Array(4);
  unresolved = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A span has come: what it links to, and who waits for it. */
  take(span: number, batch: SpanBatch, row: number): void {
    const { ring } = this.#parts;
    const flags = ring.flags[span & ring.mask] ?? 0;
    if (kindOf(flags) === SPAN_KIND.producer) this.#remember(span);
    if (this.#waits.size > 0) this.#resolve(span);
    if ((flags & FLAG.linked) === 0) return;
    this.#join(batch, row);
    if (roleOf(flags) === ROLE.in) this.#follow(span, batch, row);
  }

  #join(batch: SpanBatch, row: number): void {
    const start = batch.linkStarts[row] ?? 0;
    const end = Math.min(batch.linkStarts[row + 1] ?? 0, start + LINKS_PER_SPAN_MAX);
    for (let link = start; link < end; link++) {
      this.#parts.joins.join(batch.traceIds, row * 4, batch.links, link * 6);
    }
  }

  /** Waiting is over for a span: links that name nobody known are counted. */
  settle(span: number): void {
    this.unresolved += this.#waitsOf.get(span)?.length ?? 0;
  }

  /** A span leaves the window, and what it waited for with it. */
  drop(span: number): void {
    for (const wait of this.#waitsOf.get(span) ?? []) this.#forget(wait);
    this.#waitsOf.delete(span);
  }

  /** Each distinct span that is linked to causes one hop; the parent, if it is linked to as well, has its hop already. */
  #follow(span: number, batch: SpanBatch, row: number): void {
    const { ring } = this.#parts;
    const start = batch.linkStarts[row] ?? 0;
    const end = Math.min(batch.linkStarts[row + 1] ?? 0, start + LINKS_PER_SPAN_MAX);
    const seen = new Set([keyOf(ring.trace, (span & ring.mask) * 4, ring.parent, (span & ring.mask) * 2)]);
    for (let link = start; link < end; link++) {
      const key = keyOf(batch.links, link * 6, batch.links, link * 6 + 4);
      if (seen.has(key)) continue;
      seen.add(key);
      this.#followOne(span, { link, key, batch });
    }
  }

  #followOne(span: number, { link, key, batch }: { link: number; key: string; batch: SpanBatch }): void {
    const { ring, links, hops } = this.#parts;
    const target = ring.findLink(batch.links, link * 6);
    if (target !== NONE) {
      links.linked(target, span);
      return;
    }
    const producer = this.#parts.producers.find(key);
    if (producer !== undefined) hops.countRemembered(producer, span);
    else this.#wait({ entry: span, key });
  }

  #wait(wait: Wait): void {
    if (this.#waiting >= WAITS_MAX) {
      this.unresolved++;
      return;
    }
    this.#waiting++;
    push(this.#waits, wait.key, wait);
    push(this.#waitsOf, wait.entry, wait);
  }

  #resolve(target: number): void {
    const { ring, links } = this.#parts;
    const key = keyOf(ring.trace, (target & ring.mask) * 4, ring.span, (target & ring.mask) * 2);
    for (const wait of this.#waits.get(key) ?? []) {
      if (!ring.isLive(wait.entry)) continue;
      if (ring.has(wait.entry, FLAG.settled)) this.unresolved--;
      const rest = (this.#waitsOf.get(wait.entry) ?? []).filter((other) => other !== wait);
      this.#waitsOf.set(wait.entry, rest);
      this.#waiting--;
      links.linked(target, wait.entry);
    }
    this.#waits.delete(key);
  }

  #forget(wait: Wait): void {
    this.#waiting--;
    const rest = (this.#waits.get(wait.key) ?? []).filter((other) => other !== wait);
    if (rest.length === 0) this.#waits.delete(wait.key);
    else this.#waits.set(wait.key, rest);
  }

  #remember(span: number): void {
    const { ring, producers } = this.#parts;
    const i = span & ring.mask;
    this.#ids.set(ring.trace.subarray(i * 4 + 2, i * 4 + 4), 0);
    this.#ids.set(ring.span.subarray(i * 2, i * 2 + 2), 2);
    producers.remember(this.#ids, ring.sender[i] ?? 0, ring.destination[i] ?? 0);
  }
}

/** As {@link producerKey}, for a whole trace id. */
function keyOf(traces: Uint32Array, t: number, spans: Uint32Array, s: number): string {
  return producerKey(traces, t + 2, spans, s);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
