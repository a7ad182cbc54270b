// Hot path: once per (parent, child). Only integers in columns; nothing is allocated.
//
// The rules of who called whom. A hop is where a trace crosses from one service into another: exactly one hop for each
// topmost span of the callee (its *entry*). What only one side shows is a guess, made when waiting is over, and taken
// back should the other side come after all. What is not known is counted and never guessed.

import { SPAN_KIND } from "../model/span-batch.ts";
import type { Descents } from "./descent.ts";
import type { HopCounter } from "./hop-counter.ts";
import { ROLE } from "./meaning-reader.ts";
import type { ProxyHops } from "./proxy-hops.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { isSameService } from "./same-service.ts";
import { FLAG, kindOf, roleOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";
import type { TelemetryTable } from "./telemetry-table.ts";

const DEPTH_MAX = 128;

type Parts = {
  readonly ring: SpanRing;
  readonly hops: HopCounter;
  readonly descents: Descents;
  readonly proxies: ProxyHops;
  readonly resources: ResourceReader;
  readonly telemetry: TelemetryTable;
};

/** Derives hops from links between waiting spans, whatever order they come in. */
export class LinkRules {
  readonly #parts: Parts;
  unresolvedOut = 0;
  unseenCallers = 0;
  unseenCallersTotal = 0;
  /** Guesses taken back because the other side came after settle. */
  late = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A parent and its child are both here now. */
  link(parent: number, child: number): void {
    if (this.#isWithinService(parent, child)) this.#linkWithin(parent, child);
    else this.#linkAcross(parent, child);
    this.#parts.descents.parentCame(parent, child);
    this.#parts.proxies.parentCame(child);
  }

  /** A child turns out to belong to another span with its parent's id: what the first link led to is undone. */
  unlink(parent: number, child: number): void {
    if (this.#isWithinService(parent, child)) return;
    this.#parts.proxies.parentLeaves(child);
    this.#parts.hops.retractEntry(child);
    this.#parts.ring.clear(child, FLAG.held | FLAG.pending);
    this.#parts.ring.clear(parent, FLAG.answered);
  }

  /** A called span and the client span that shares its id (Zipkin's B3): that one is its caller. */
  share(caller: number, entry: number): void {
    const { ring } = this.#parts;
    const known = ring.parentRef[entry & ring.mask] ?? NONE;
    this.#parts.proxies.parentLeaves(entry);
    if (ring.isLive(known)) this.unlink(known, entry);
    else this.#parts.hops.retractEntry(entry);
    this.#parts.ring.set(entry, FLAG.shared);
    ring.parentRef[entry & ring.mask] = caller;
    this.link(caller, entry);
  }

  /** A span that a called span's link names is here: it caused the call, whatever trace it is in. */
  linked(cause: number, entry: number): void {
    const isSelf = isSameService(this.#parts, cause, entry);
    if (isSelf && this.#role(cause) !== ROLE.out) return;
    if (this.#role(cause) === ROLE.out) this.#answer(cause);
    this.#parts.hops.countLink(cause, entry);
    this.#parts.descents.presentAsIs(cause, entry);
  }

  /** A span without a parent has come. */
  root(span: number): void {
    const { ring, hops, descents } = this.#parts;
    const i = span & ring.mask;
    if (roleOf(ring.flags[i] ?? 0) !== ROLE.in || ring.destination[i] !== 0) return;
    hops.countRoot(span);
    descents.presentAsIs(NONE, span);
  }

  /** A span leaves the window: what waits for it, or in it, can wait no longer. */
  drop(span: number): void {
    const { ring, descents } = this.#parts;
    if (ring.guessShape[span & ring.mask] !== 0) descents.presentAsIs(span, NONE);
    else if (ring.has(span, FLAG.unseen) && ring.destination[span & ring.mask] === 0) {
      descents.presentAsIs(NONE, span);
    }
    if (ring.has(span, FLAG.unseen)) this.#tellUntrusted(span);
    descents.conclude(span);
    let child = ring.firstChild[span & ring.mask] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      if (this.#parts.ring.has(child, FLAG.held)) this.#enterHeld(child);
      if (this.#parts.ring.has(child, FLAG.replaced)) descents.conclude(this.#entryBelow(child));
      else descents.conclude(child);
    }
    descents.handDown(span);
  }

  /** The parent that a SERVER span names never came. Of a message, it is the producer's, which may lie far back. */
  #tellUntrusted(span: number): void {
    const { ring, telemetry } = this.#parts;
    if (kindOf(ring.flags[span & ring.mask] ?? 0) !== SPAN_KIND.server) return;
    const sender = ring.sender[span & ring.mask] ?? 0;
    telemetry.see({ kind: "untrusted-parent", sender, detail: "parent_span_id" }, span);
  }

  /** Waiting is over: one-sided guesses are made now. */
  settle(span: number): void {
    const { ring } = this.#parts;
    this.#parts.ring.set(span, FLAG.settled);
    const flags = ring.flags[span & ring.mask] ?? 0;
    const role = roleOf(flags);
    if ((flags & FLAG.held) !== 0) this.#enterHeld(span);
    if (role === ROLE.out) this.#settleOut(span, flags);
    if (role === ROLE.in) this.#settleIn(span, flags);
  }

  #isWithinService(parent: number, child: number): boolean {
    if (!isSameService(this.#parts, parent, child)) return false;
    return this.#role(parent) !== ROLE.out || this.#role(child) !== ROLE.in || this.#isBesideProxy(parent, child);
  }

  /** Between an application and the sidecar that bears its name there is no call. */
  #isBesideProxy(parent: number, child: number): boolean {
    return this.#parts.ring.has(parent, FLAG.proxy) || this.#parts.ring.has(child, FLAG.proxy);
  }

  #linkAcross(parent: number, child: number): void {
    const role = this.#role(child);
    if (role === ROLE.none) return;
    this.#foundCaller(child);
    if (this.#role(parent) === ROLE.out) this.#answer(parent);
    if (role === ROLE.transparent) this.#enterTransparent(parent, child);
    else this.#enter(parent, child);
  }

  /** An INTERNAL span tells little: a called span right below it speaks for it, and has until settle to come. */
  #enterTransparent(caller: number, entry: number): void {
    const called = this.#calledBelow(entry);
    if (called !== NONE) {
      this.#parts.ring.set(entry, FLAG.replaced);
      this.#enter(caller, called);
    } else if (this.#parts.ring.has(entry, FLAG.settled)) this.#enter(caller, entry);
    else this.#parts.ring.set(entry, FLAG.held);
  }

  #linkWithin(parent: number, child: number): void {
    const { ring } = this.#parts;
    const role = roleOf(ring.flags[child & ring.mask] ?? 0);
    const hasOut = role === ROLE.out ? this.#speaks(child) : this.#parts.ring.has(child, FLAG.outBelow);
    if (hasOut) this.#markOutBelow(parent);
    if (role === ROLE.in) {
      this.#foundCaller(child);
      if (this.#role(parent) === ROLE.out) this.#answer(parent);
      if (this.#role(parent) === ROLE.transparent) this.#takeEntry(parent, child);
    }
  }

  #enter(caller: number, entry: number): void {
    this.#parts.hops.countEntry(caller, entry);
    this.#parts.descents.presentEntry(caller, entry);
    this.#parts.proxies.entered(caller, entry);
  }

  #enterHeld(entry: number): void {
    const { ring } = this.#parts;
    this.#parts.ring.clear(entry, FLAG.held);
    const caller = ring.parentRef[entry & ring.mask] ?? NONE;
    if (ring.isLive(caller)) this.#enter(caller, entry);
  }

  /** A called span right below an INTERNAL entry of its service is the entry in its stead; the earliest one, if many. */
  #takeEntry(inner: number, called: number): void {
    const { ring, hops } = this.#parts;
    const caller = ring.parentRef[inner & ring.mask] ?? NONE;
    if (!ring.isLive(caller) || this.#isWithinService(caller, inner)) return;
    const holder = this.#parts.ring.has(inner, FLAG.replaced) ? this.#entryBelow(inner) : inner;
    if (holder !== inner && !this.#isEarlier(called, holder)) return;
    hops.retractEntry(holder);
    this.#parts.ring.clear(holder, FLAG.held | FLAG.pending);
    this.#parts.ring.set(inner, FLAG.replaced);
    this.#enter(caller, called);
  }

  /** The child that holds the entry in an INTERNAL span's stead: its service's, for what others were called below it. */
  #entryBelow(inner: number): number {
    const { ring } = this.#parts;
    let child = ring.firstChild[inner & ring.mask] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      if (ring.entryShape[child & ring.mask] !== 0 && isSameService(this.#parts, inner, child)) return child;
    }
    return inner;
  }

  #calledBelow(inner: number): number {
    const { ring } = this.#parts;
    let found = NONE;
    let child = ring.firstChild[inner & ring.mask] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      const isCalled = this.#role(child) === ROLE.in && isSameService(this.#parts, inner, child);
      if (isCalled && (found === NONE || this.#isEarlier(child, found))) found = child;
    }
    return found;
  }

  /** By start time, then by id, so that the order of arrival does not matter. */
  #isEarlier(a: number, b: number): boolean {
    const { ring } = this.#parts;
    const i = a & ring.mask;
    const j = b & ring.mask;
    const difference = (ring.startMs[i] ?? 0) - (ring.startMs[j] ?? 0);
    if (difference !== 0) return difference < 0;
    const high = (ring.span[i * 2] ?? 0) - (ring.span[j * 2] ?? 0);
    return (high || (ring.span[i * 2 + 1] ?? 0) - (ring.span[j * 2 + 1] ?? 0)) < 0;
  }

  #answer(caller: number): void {
    const { ring } = this.#parts;
    const spoke = this.#speaks(caller);
    this.#parts.ring.set(caller, FLAG.answered);
    this.#takeBackGuess(caller);
    const parent = ring.parentRef[caller & ring.mask] ?? NONE;
    if (!spoke && ring.isLive(parent) && isSameService(this.#parts, parent, caller)) this.#markOutBelow(parent);
  }

  /** An OUT span that can tell whom it calls; a `dns.lookup` inside an HTTP call cannot, and must not silence it. */
  #speaks(span: number): boolean {
    const { ring } = this.#parts;
    const i = span & ring.mask;
    return ring.peer[i] !== 0 || ring.destination[i] !== 0 || this.#parts.ring.has(span, FLAG.answered | FLAG.silenced);
  }

  /** An OUT span around a deeper OUT span of its own service is the same call: the deepest that speaks is heard. */
  #markOutBelow(from: number): void {
    const { ring } = this.#parts;
    let span = from;
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      if (!this.#passOutBelow(span)) return;
      const parent = ring.parentRef[span & ring.mask] ?? NONE;
      if (!ring.isLive(parent) || !isSameService(this.#parts, parent, span)) return;
      span = parent;
    }
  }

  /** Marks one span on the way up; true while those above do not know yet. */
  #passOutBelow(span: number): boolean {
    const role = this.#role(span);
    if (role === ROLE.out) {
      const spoke = this.#speaks(span);
      this.#parts.ring.set(span, FLAG.silenced);
      this.#takeBackGuess(span);
      return !spoke;
    }
    const isTransparent = role === ROLE.transparent || this.#parts.ring.has(span, FLAG.proxy);
    if (!isTransparent || this.#parts.ring.has(span, FLAG.outBelow)) return false;
    this.#parts.ring.set(span, FLAG.outBelow);
    return true;
  }

  #takeBackGuess(caller: number): void {
    const { ring, hops } = this.#parts;
    if (this.#parts.ring.has(caller, FLAG.unresolved)) {
      this.#parts.ring.clear(caller, FLAG.unresolved);
      this.unresolvedOut--;
    }
    if (ring.guessShape[caller & ring.mask] === 0) return;
    this.late++;
    hops.retractGuess(caller);
  }

  #foundCaller(entry: number): void {
    if (!this.#parts.ring.has(entry, FLAG.unseen)) return;
    this.late++;
    this.#parts.ring.clear(entry, FLAG.unseen);
    this.unseenCallers--;
    this.#parts.hops.retractEntry(entry);
  }

  #settleOut(span: number, flags: number): void {
    const { ring, hops } = this.#parts;
    const i = span & ring.mask;
    if ((flags & (FLAG.answered | FLAG.silenced)) !== 0 || ring.destination[i] !== 0) return;
    if (ring.peer[i] === 0) {
      this.#parts.ring.set(span, FLAG.unresolved);
      this.unresolvedOut++;
      return;
    }
    hops.countGuess(span);
  }

  /** A consumer that names its destination is explained by that; any other called span wants its caller. */
  #settleIn(span: number, flags: number): void {
    const { ring, hops } = this.#parts;
    const i = span & ring.mask;
    if ((flags & (FLAG.hasParent | FLAG.linked)) !== FLAG.hasParent || ring.parentRef[i] !== NONE) return;
    this.#parts.ring.set(span, FLAG.unseen);
    this.unseenCallers++;
    this.unseenCallersTotal++;
    if (ring.destination[i] !== 0) return;
    hops.countUnattributed(span);
  }

  #role(span: number): number {
    return roleOf(this.#parts.ring.flags[span & this.#parts.ring.mask] ?? 0);
  }
}
