// Hot path only for spans that show a fingerprint. No allocation but for new facts.

import type { Exchange, Relay } from "../model/facts.ts";
import { Ascent } from "./ascent.ts";
import type { CredentialSides } from "./credential-sides.ts";
import { ExchangeTable } from "./exchange-table.ts";
import type { ForwardingParts } from "./forwarding.ts";
import { OUTCOMES, ROLE } from "./meaning-reader.ts";
import type { OutlivedTokens } from "./outlived-tokens.ts";
import { type PresentationTable, type PresentedCall, SEEN } from "./presentation-table.ts";
import { RelayTable } from "./relay-table.ts";
import type { ReuseTable } from "./reuse-table.ts";
import { isSameService } from "./same-service.ts";
import type { SpanExtras } from "./span-extras.ts";
import { FLAG, roleOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";

const DEPTH_MAX = 128;
const VISITS_MAX = 4096;
const OK = OUTCOMES.indexOf("ok");
const REFUSED = OUTCOMES.indexOf("refused");

type Parts = ForwardingParts & {
  readonly ring: SpanRing;
  readonly extras: SpanExtras;
  readonly presentations: PresentationTable;
  readonly sides: CredentialSides;
  readonly reuses: ReuseTable;
  readonly outlived: OutlivedTokens;
};

/**
 * Notes which credential was presented on which hop, and whether the presenter only passed it on: a client span and,
 * above it in the same service, a called span with the same fingerprint. While the spans between are still to come,
 * the hop is *pending*: it is looked at again when they come, and when one of its ends leaves the window at the latest.
 * What is presented is judged at once and never taken back, so it must not be guessed from half of a trace.
 */
export class Descents {
  readonly #parts: Parts;
  readonly #ascent: Ascent;
  readonly #relays: RelayTable;
  readonly #exchanges: ExchangeTable;
  readonly #stack: number[] = [];
  readonly #hop: PresentedCall = {
    fingerprint: 0,
    presenter: -1,
    recipient: 0,
    environment: 0,
    startMs: 0,
    bits: 0,
    profile: 0,
    expiresAtS: Number.NaN,
    operation: 0,
    outcome: 0,
  };
  readonly #ends = { caller: NONE, entry: NONE };
  readonly #exchanged = { hop: this.#hop, received: 0, receivedProfile: 0 };

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#ascent = new Ascent(parts);
    this.#relays = new RelayTable(parts);
    this.#exchanges = new ExchangeTable(parts);
  }

  get overflows(): number {
    return this.#relays.overflows + this.#exchanges.overflows;
  }

  takeRelays(): Relay[] {
    return this.#relays.take();
  }

  takeExchanges(): Exchange[] {
    return this.#exchanges.take();
  }

  /** A hop between two seen spans has been counted. */
  presentEntry(caller: number, entry: number): void {
    const { ring } = this.#parts;
    if (!this.#isPresented(caller, entry)) return;
    if (!this.#ascent.climb(caller)) {
      ring.set(entry, FLAG.pending);
      this.#markPendingAbove(caller);
      return;
    }
    ring.clear(entry, FLAG.pending);
    this.#present(caller, entry);
  }

  /**
   * A hop by span link, or with one end only, has been counted; NONE stands for what was not seen. What its caller
   * received, if it comes at all, has come before.
   */
  presentAsIs(caller: number, entry: number): void {
    if (!this.#isPresented(caller, entry)) return;
    if (caller !== NONE) this.#ascent.climb(caller);
    this.#present(caller, entry);
  }

  /** One end of a hop leaves the window: what is not known now counts as not received. */
  conclude(entry: number): void {
    if (!this.#parts.ring.has(entry, FLAG.pending)) return;
    const caller = this.#callerOf(entry);
    this.#parts.ring.clear(entry, FLAG.pending);
    if (caller === NONE) return;
    this.#ascent.climb(caller);
    this.#present(caller, entry);
  }

  /** A span leaves the window before some of its children: what it knows of what was received stays with them. */
  handDown(span: number): void {
    this.#ascent.handDown(span);
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
    if (caller === NONE || !this.#ascent.climb(caller)) return;
    this.#parts.ring.clear(entry, FLAG.pending);
    this.#present(caller, entry);
  }

  /** Whether a hop shows a credential that can be told again. */
  #isPresented(caller: number, entry: number): boolean {
    const { ring, sides } = this.#parts;
    const side = sides.find(caller, entry);
    if (side !== NONE && (ring.fingerprint[side & ring.mask] ?? 0) !== 0) return true;
    return this.#secondSide(caller, entry) !== NONE;
  }

  /** Who saw the second credential of a hop: the callee, else the caller, else NONE. */
  #secondSide(caller: number, entry: number): number {
    if (entry !== NONE && this.#hasSecond(entry, ROLE.in)) return entry;
    return caller !== NONE && this.#hasSecond(caller, ROLE.out) ? caller : NONE;
  }

  #hasSecond(span: number, role: number): boolean {
    const { ring, extras } = this.#parts;
    const row = extras.rowOf(span);
    return row !== 0 && extras.second[row] !== 0 && roleOf(ring.flags[span & ring.mask] ?? 0) === role;
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

  /** Notes what a hop presents, after a climb from its caller. */
  #present(caller: number, entry: number): void {
    const { hops, sides } = this.#parts;
    const side = sides.find(caller, entry);
    if (caller === NONE) this.#ascent.clear();
    this.#fillHop(caller, entry);
    hops.fillEvidence(caller, entry, side);
    const first = side === NONE ? 0 : this.#fillMain(side);
    this.#ends.caller = caller;
    this.#ends.entry = entry;
    if (first !== 0) this.#presentMain();
    if (side !== NONE) this.#presentOnce();
    const secondSide = this.#secondSide(caller, entry);
    if (secondSide !== NONE && this.#fillSecond(secondSide) !== first) this.#presentOne();
  }

  /** Notes what may be used in one place only: a transaction in its trace, a proof on its hop. */
  #presentOnce(): void {
    const { ring, extras, reuses } = this.#parts;
    const { caller, entry } = this.#ends;
    const called = entry === NONE ? 0 : extras.rowOf(entry);
    const calling = caller === NONE ? 0 : extras.rowOf(caller);
    if (called === 0 && calling === 0) return;
    const transaction = extras.transaction[called] || extras.transaction[calling] || 0;
    const proof = extras.proof[called] || extras.proof[calling] || 0;
    if (transaction !== 0) reuses.present(transaction, this.#hop, this.#ends);
    // A proxy passes on what it was shown.
    if (proof !== 0 && (caller === NONE || !ring.has(caller, FLAG.proxy))) reuses.present(proof, this.#hop, this.#ends);
  }

  #presentMain(): void {
    const { received, receivedProfile } = this.#ascent;
    if (this.#presentOne() || received === 0) return;
    this.#exchanged.received = received;
    this.#exchanged.receivedProfile = receivedProfile;
    this.#exchanges.count(this.#exchanged);
  }

  /** Notes the credential that was filled in last; returns whether the caller had received it. */
  #presentOne(): boolean {
    const { presentations, hops, fingerprints, reuses, outlived } = this.#parts;
    const hop = this.#hop;
    const isRelayed = this.#ascent.hasReceived(hop.fingerprint);
    hop.bits = (hop.outcome === OK ? SEEN.accepted : 0) | (hop.outcome === REFUSED ? SEEN.refused : 0);
    hop.bits |= (isRelayed ? SEEN.relayed : 0) | (this.#ascent.isAutomated ? SEEN.automated : 0);
    presentations.present(hop, hops.evidence);
    const tokenId = fingerprints.tokenId(hop.fingerprint);
    if (tokenId !== 0) reuses.present(tokenId, hop, this.#ends);
    const pod = fingerprints.pod(hop.fingerprint);
    // What was received is passed on, whenever that was: who presented it first is asked.
    if (pod !== 0 && hop.outcome === OK && !isRelayed) outlived.present(pod, hop, this.#ends);
    if (isRelayed) this.#relays.count(hop);
    return isRelayed;
  }

  /** What is the same for all credentials of a hop. */
  #fillHop(caller: number, entry: number): void {
    const { ring, hops, resources } = this.#parts;
    const any = (entry === NONE ? caller : entry) & ring.mask;
    const hop = this.#hop;
    const recipient = resources.senders[ring.sender[any] ?? 0];
    hop.presenter = caller === NONE ? -1 : (ring.sender[caller & ring.mask] ?? -1);
    hop.recipient = entry === NONE ? (ring.peer[any] ?? 0) : (recipient?.node ?? 0);
    hop.environment = recipient?.partition ?? 0;
    hop.startMs = ring.startMs[any] ?? 0;
    hop.operation = ring.operation[any] ?? 0;
    hop.outcome = hops.outcome(caller, entry);
  }

  #fillMain(side: number): number {
    const { ring } = this.#parts;
    const i = side & ring.mask;
    this.#hop.fingerprint = ring.fingerprint[i] ?? 0;
    this.#hop.profile = ring.profile[i] ?? 0;
    this.#hop.expiresAtS = ring.expiresAtS[i] ?? Number.NaN;
    return this.#hop.fingerprint;
  }

  #fillSecond(side: number): number {
    const { extras } = this.#parts;
    const row = extras.rowOf(side);
    this.#hop.fingerprint = extras.second[row] ?? 0;
    this.#hop.profile = extras.secondProfile[row] ?? 0;
    this.#hop.expiresAtS = extras.secondExpiresAtS[row] ?? Number.NaN;
    return this.#hop.fingerprint;
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
