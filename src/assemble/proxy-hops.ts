// Hot path only for spans that bear a proxy's mark; two flags are looked at for all others.

import { SPAN_KIND } from "../model/span-batch.ts";
import type { HopCounter } from "./hop-counter.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { isSameService } from "./same-service.ts";
import { FLAG, kindOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";

const DEPTH_MAX = 128;
const VISITS_MAX = 4096;

type Parts = { readonly ring: SpanRing; readonly hops: HopCounter; readonly resources: ResourceReader };

/**
 * The hops from who called a proxy to who answered behind it, beside the physical ones. A service is a proxy on a way
 * where each of its spans on that way says so: an application whose sidecar bears its name has spans of its own there.
 * Several proxies in a row are one way. While the way up is not known to its end, nothing is counted.
 */
export class ProxyHops {
  readonly #parts: Parts;
  readonly #stack: number[] = [];
  /** A trace id's four words and a span id's two. */
  readonly #ids = new Uint32Array(6);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A hop between two seen spans has been counted. */
  entered(caller: number, entry: number): void {
    if (this.#parts.ring.has(caller, FLAG.proxy)) this.#count(caller, entry);
  }

  /** A span has gained its parent: the way up from what it passed on may be known now. */
  parentCame(child: number): void {
    if (!this.#parts.ring.has(child, FLAG.proxy)) return;
    for (const entry of this.#entriesBelow(child)) this.#count(this.#callerOf(entry), entry);
  }

  /** A span is about to get another parent. */
  parentLeaves(child: number): void {
    if (!this.#parts.ring.has(child, FLAG.proxy)) return;
    for (const entry of this.#entriesBelow(child)) this.#parts.hops.retractProxied(entry);
  }

  #count(proxy: number, entry: number): void {
    const { ring, hops } = this.#parts;
    const i = entry & ring.mask;
    const isServer = kindOf(ring.flags[i] ?? 0) === SPAN_KIND.server && ring.destination[i] === 0;
    if (!isServer || ring.guessShape[i] !== 0) return;
    const origin = this.#originOf(proxy);
    if (origin !== NONE) hops.countProxied(origin, entry, proxy);
  }

  /** The span that called the first of the proxies in a row; NONE without one, and while it may still come. */
  #originOf(proxy: number): number {
    const { ring } = this.#parts;
    let origin = NONE;
    let span = proxy;
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      if (!ring.has(span, FLAG.proxy)) return origin;
      const parent = ring.parentRef[span & ring.mask] ?? NONE;
      if (!ring.isLive(parent)) return ring.has(span, FLAG.hasParent) ? NONE : origin;
      if (!isSameService(this.#parts, parent, span)) origin = parent;
      span = parent;
    }
    return NONE;
  }

  /** The entries of other services that are reached from a span by proxies' spans alone. */
  #entriesBelow(top: number): readonly number[] {
    const { ring } = this.#parts;
    const entries: number[] = [];
    const stack = this.#stack;
    stack.length = 0;
    stack.push(top);
    for (let visits = 0; stack.length > 0 && visits < VISITS_MAX; visits++) {
      const span = stack.pop() ?? NONE;
      let child = ring.firstChild[span & ring.mask] ?? NONE;
      for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) this.#reach(span, child, entries);
      if (kindOf(ring.flags[span & ring.mask] ?? 0) === SPAN_KIND.client) this.#reachShared(span, entries);
    }
    return entries;
  }

  #reach(span: number, child: number, entries: number[]): void {
    const { ring } = this.#parts;
    // One that shares its caller's id stands among the children of the span that its parent id names.
    if (ring.parentRef[child & ring.mask] !== span) return;
    if (ring.has(child, FLAG.proxy)) this.#stack.push(child);
    if (!isSameService(this.#parts, span, child)) this.#addEntries(child, entries);
  }

  /** What has a client span's own id (Zipkin's B3) is called by it, and not among its children. */
  #reachShared(span: number, entries: number[]): void {
    const { ring } = this.#parts;
    const i = span & ring.mask;
    this.#ids.set(ring.trace.subarray(i * 4, i * 4 + 4));
    this.#ids.set(ring.span.subarray(i * 2, i * 2 + 2), 4);
    let other = ring.findLink(this.#ids, 0);
    for (; ring.isLive(other); other = ring.nextSameId[other & ring.mask] ?? NONE) {
      if (ring.has(other, FLAG.shared)) this.#reach(span, other, entries);
    }
  }

  /** The span itself, or those below it one of which has taken its place. */
  #addEntries(top: number, entries: number[]): void {
    const { ring } = this.#parts;
    if (ring.entryShape[top & ring.mask] !== 0) entries.push(top);
    if (!ring.has(top, FLAG.replaced)) return;
    let child = ring.firstChild[top & ring.mask] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      if (ring.entryShape[child & ring.mask] !== 0 && isSameService(this.#parts, top, child)) entries.push(child);
    }
  }

  /** The proxy's span that an entry hangs from, across the INTERNAL span whose place it has taken. */
  #callerOf(entry: number): number {
    const { ring } = this.#parts;
    const parent = ring.parentRef[entry & ring.mask] ?? NONE;
    return isSameService(this.#parts, parent, entry) ? (ring.parentRef[parent & ring.mask] ?? NONE) : parent;
  }
}
