// Hot path only for spans that show a fingerprint. No allocation but for new relays.

import type { CredentialProfile } from "../model/credential.ts";
import type { Relay } from "../model/facts.ts";
import type { HopCounter } from "./hop-counter.ts";
import type { Interner, NodeInterner } from "./interner.ts";
import { OUTCOMES, ROLE } from "./meaning-reader.ts";
import { type PresentationTable, type PresentedHop, SEEN } from "./presentation-table.ts";
import { RelayTable } from "./relay-table.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { isSameService } from "./same-service.ts";
import { FLAG, roleOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";

const DEPTH_MAX = 128;
const VISITS_MAX = 4096;
/** What a span holds in place of its parent when that has left: this, less the fingerprint that was received there. */
const HANDED_DOWN = -2;
const OK = OUTCOMES.indexOf("ok");
const REFUSED = OUTCOMES.indexOf("refused");

/** A span above, which knows what was received, is still to come. Fingerprints are numbers from 1, "none seen" is 0. */
const UNKNOWN = -1;

type Parts = {
  readonly ring: SpanRing;
  readonly hops: HopCounter;
  readonly presentations: PresentationTable;
  readonly resources: ResourceReader;
  readonly nodes: NodeInterner;
  readonly operations: Interner;
  readonly profile: (id: number) => CredentialProfile;
};

/**
 * Notes which credential was presented on which hop, and whether the presenter only passed it on: a client span and,
 * above it in the same service, a called span with the same fingerprint. While the spans between are still to come,
 * the hop is *pending*: it is looked at again when they come, and when one of its ends leaves the window at the latest.
 * What is presented is judged at once and never taken back, so it must not be guessed from half of a trace.
 */
export class Descents {
  readonly #parts: Parts;
  readonly #relays: RelayTable;
  readonly #stack: number[] = [];
  readonly #hop: PresentedHop = {
    fingerprint: 0,
    presenter: -1,
    recipient: 0,
    environment: 0,
    startMs: 0,
    bits: 0,
    profile: 0,
    expiresAtS: Number.NaN,
  };

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#relays = new RelayTable(parts);
  }

  takeRelays(): Relay[] {
    return this.#relays.take();
  }

  /** A hop between two seen spans has been counted. */
  presentEntry(caller: number, entry: number): void {
    const { ring, hops } = this.#parts;
    const side = hops.credentialSide(caller, entry);
    const fingerprint = side === NONE ? 0 : (ring.fingerprint[side & ring.mask] ?? 0);
    if (fingerprint === 0) return;
    const received = this.#received(caller);
    if (received === UNKNOWN) {
      ring.set(entry, FLAG.pending);
      this.#markPendingAbove(caller);
      return;
    }
    ring.clear(entry, FLAG.pending);
    this.#present(caller, entry, received === fingerprint);
  }

  /** A hop by span link has been counted; what its cause received, if it comes at all, has come before it. */
  presentLink(cause: number, entry: number): void {
    const { ring, hops } = this.#parts;
    const side = hops.credentialSide(cause, entry);
    const fingerprint = side === NONE ? 0 : (ring.fingerprint[side & ring.mask] ?? 0);
    if (fingerprint !== 0) this.#present(cause, entry, this.#received(cause) === fingerprint);
  }

  /** A called span without a known caller, or a calling span without a seen callee, has been counted. */
  presentOneSided(caller: number, entry: number): void {
    const { ring, hops } = this.#parts;
    const side = hops.credentialSide(caller, entry);
    const fingerprint = side === NONE ? 0 : (ring.fingerprint[side & ring.mask] ?? 0);
    if (fingerprint === 0) return;
    this.#present(caller, entry, caller !== NONE && this.#received(caller) === fingerprint);
  }

  /** One end of a hop leaves the window: what is not known now counts as not received. */
  conclude(entry: number): void {
    if (!this.#parts.ring.has(entry, FLAG.pending)) return;
    const caller = this.#callerOf(entry);
    this.#parts.ring.clear(entry, FLAG.pending);
    if (caller !== NONE) this.#present(caller, entry, this.#received(caller) === this.#fingerprintOf(caller, entry));
  }

  /** A span leaves the window before some of its children: what it knows of what was received stays with them. */
  handDown(span: number): void {
    const { ring } = this.#parts;
    let child = ring.firstChild[span & ring.mask] ?? NONE;
    if (!ring.isLive(child)) return;
    const [within, across] = [this.#received(span), this.#sentBy(span)];
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      // One that shares its caller's id has that one for its parent, and only stands here.
      if (ring.parentRef[child & ring.mask] !== span) continue;
      const received = isSameService(this.#parts, span, child) ? Math.max(0, within) : across;
      ring.parentRef[child & ring.mask] = HANDED_DOWN - received;
    }
  }

  /** A span has gained its parent: pending hops below it may be decidable now. */
  parentCame(parent: number, child: number): void {
    if (!this.#parts.ring.has(child, FLAG.pendingBelow)) return;
    if (isSameService(this.#parts, parent, child)) this.#markPendingAbove(parent);
    this.#decideBelow(child);
  }

  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path; one pass over typed arrays, and every `??` only satisfies the index checks.
  #decideBelow(top: number): void {
    const { ring } = this.#parts;
    const stack = this.#stack;
    stack.length = 0;
    stack.push(top);
    for (let visits = 0; stack.length > 0 && visits < VISITS_MAX; visits++) {
      const span = stack.pop() ?? NONE;
      let child = ring.firstChild[span & ring.mask] ?? NONE;
      for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
        if (this.#parts.ring.has(child, FLAG.pending)) this.#decide(child);
        // The entry stands one deeper where it has taken an INTERNAL span's place.
        const isOnTheWay = this.#parts.ring.has(child, FLAG.pendingBelow) && isSameService(this.#parts, span, child);
        if (isOnTheWay || this.#parts.ring.has(child, FLAG.replaced)) stack.push(child);
      }
    }
  }

  #decide(entry: number): void {
    const caller = this.#callerOf(entry);
    const received = caller === NONE ? UNKNOWN : this.#received(caller);
    if (received === UNKNOWN) return;
    this.#parts.ring.clear(entry, FLAG.pending);
    this.#present(caller, entry, received === this.#fingerprintOf(caller, entry));
  }

  #fingerprintOf(caller: number, entry: number): number {
    const { ring, hops } = this.#parts;
    const side = hops.credentialSide(caller, entry);
    return side === NONE ? 0 : (ring.fingerprint[side & ring.mask] ?? 0);
  }

  /** Walks up inside the presenter's service, to what it received: a called span's own observation, or its caller's. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one walk, with one question after the other on each step.
  #received(from: number): number {
    const { ring } = this.#parts;
    let span = from;
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      const seen = this.#seenGoingIn(span);
      if (seen !== 0) return seen;
      const parent = ring.parentRef[span & ring.mask] ?? NONE;
      if (parent <= HANDED_DOWN) return HANDED_DOWN - parent;
      if (!ring.isLive(parent)) return ring.has(span, FLAG.hasParent) ? UNKNOWN : 0;
      if (!isSameService(this.#parts, parent, span)) return this.#sentBy(parent);
      span = parent;
    }
    return 0;
  }

  /** The fingerprint that a called span received, as far as it saw one. */
  #seenGoingIn(span: number): number {
    return this.#isCalled(span) ? (this.#parts.ring.fingerprint[span & this.#parts.ring.mask] ?? 0) : 0;
  }

  #isCalled(span: number): boolean {
    return roleOf(this.#parts.ring.flags[span & this.#parts.ring.mask] ?? 0) === ROLE.in;
  }

  /** Only a calling span's credential was sent; a called span's was received. */
  #sentBy(caller: number): number {
    const { ring } = this.#parts;
    const i = caller & ring.mask;
    return roleOf(ring.flags[i] ?? 0) === ROLE.out ? (ring.fingerprint[i] ?? 0) : 0;
  }

  /** The other service's span that an entry hangs from, across the INTERNAL span whose place it has taken. */
  #callerOf(entry: number): number {
    const { ring } = this.#parts;
    const parent = ring.parentRef[entry & ring.mask] ?? NONE;
    if (!ring.isLive(parent)) return NONE;
    // Its own service's INTERNAL span, that is: what another service called below one was called by that one.
    if (!ring.has(parent, FLAG.replaced) || !isSameService(this.#parts, parent, entry)) return parent;
    const caller = ring.parentRef[parent & ring.mask] ?? NONE;
    return ring.isLive(caller) ? caller : NONE;
  }

  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path; one pass over typed arrays, and every `??` only satisfies the index checks.
  #present(caller: number, entry: number, isRelayed: boolean): void {
    const { ring, hops, presentations, resources } = this.#parts;
    const side = hops.credentialSide(caller, entry) & ring.mask;
    const any = (entry === NONE ? caller : entry) & ring.mask;
    const outcome = hops.outcome(caller, entry);
    const hop = this.#hop;
    const recipient = resources.senders[ring.sender[any] ?? 0];
    hop.fingerprint = ring.fingerprint[side] ?? 0;
    hop.presenter = caller === NONE ? -1 : (ring.sender[caller & ring.mask] ?? -1);
    hop.recipient = entry === NONE ? (ring.peer[any] ?? 0) : (recipient?.node ?? 0);
    hop.environment = recipient?.partition ?? 0;
    hop.startMs = ring.startMs[any] ?? 0;
    hop.bits = (outcome === OK ? SEEN.accepted : 0) | (outcome === REFUSED ? SEEN.refused : 0);
    hop.bits |= isRelayed ? SEEN.relayed : 0;
    hop.profile = ring.profile[side] ?? 0;
    hop.expiresAtS = ring.expiresAtS[side] ?? Number.NaN;
    hops.fillEvidence(caller, entry, side);
    presentations.present(hop, hops.evidence);
    if (isRelayed) this.#relays.count(hop, { caller, entry, outcome });
  }

  /** Pending hops are found again from above by the marks on the way. */
  #markPendingAbove(from: number): void {
    const { ring } = this.#parts;
    let span = from;
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      ring.set(span, FLAG.pendingBelow);
      const parent = ring.parentRef[span & ring.mask] ?? NONE;
      if (!ring.isLive(parent) || !isSameService(this.#parts, parent, span)) return;
      if (this.#parts.ring.has(parent, FLAG.pendingBelow)) return;
      span = parent;
    }
  }
}
