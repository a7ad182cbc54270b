// Hot path: once per hop. Integers in, integers out; scratch buffers are reused.

import { OUTSIDE } from "../model/graph.ts";
import { SPAN_KIND } from "../model/span-batch.ts";
import type { AliasTable } from "./alias-table.ts";
import type { CredentialSides } from "./credential-sides.ts";
import type { NodeInterner } from "./interner.ts";
import { type MeaningReader, OUTCOMES, PROTOCOLS, ROLE } from "./meaning-reader.ts";
import type { ResourceReader } from "./resource-reader.ts";
import {
  CONFIDENCE,
  HOP_TYPE,
  type HopEvidence,
  OUTSIDE_BITS,
  PART,
  PARTS,
  packKinds,
  type ShapeTable,
} from "./shape-table.ts";
import type { SpanExtras } from "./span-extras.ts";
import {
  confidenceOf,
  FLAG,
  kindOf,
  originOf,
  outcomeOf,
  protocolOf,
  roleOf,
  transportOf,
  withConfidence,
} from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";

const UNKNOWN_OUTCOME = OUTCOMES.indexOf("unknown");
const MESSAGING = PROTOCOLS.indexOf("messaging");
const SEEN_BY = { nobody: 0, callee: 1, caller: 2 } as const;

/** The caller of an accepted call whose calling span never came. */
const UNSEEN_CALLER = { kind: "external", name: "(unseen)" } as const;

/** What is kept of a span that a link may name after it has left the window. */
export type RememberedSpan = { readonly sender: number; readonly node: number; readonly destination: number };

type Parts = {
  readonly ring: SpanRing;
  readonly shapes: ShapeTable;
  readonly aliases: AliasTable;
  readonly nodes: NodeInterner;
  readonly resources: ResourceReader;
  readonly meanings: MeaningReader;
  readonly sides: CredentialSides;
  readonly extras: SpanExtras;
};

/** Turns pairs of spans, and single ones, into counted hops, and takes hops back. */
export class HopCounter {
  readonly #parts: Parts;
  readonly #tuple = new Int32Array(PARTS);
  readonly #outside: number;
  readonly #unseen: number;
  readonly evidence: HopEvidence = {
    ids: new Uint32Array(8),
    atMs: 0,
    sender: -1,
    fingerprint: 0,
    clientAddress: null,
    weight: 1,
  };
  /** When the hop counts as seen: collector time for live traffic, NaN for the span's own time. */
  nowMs = Number.NaN;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#outside = parts.nodes.intern(OUTSIDE);
    this.#unseen = parts.nodes.intern(UNSEEN_CALLER);
  }

  /** A hop whose two ends were seen: `caller` is the entry's parent, `entry` the callee's topmost span. */
  countEntry(caller: number, entry: number): void {
    const { ring, meanings } = this.#parts;
    const p = caller & ring.mask;
    const c = entry & ring.mask;
    const isLogical = this.#isMessagingEntry(c);
    const via = isLogical ? ring.destination[p] || ring.destination[c] || 0 : 0;
    this.#begin(caller, entry);
    const tuple = this.#tuple;
    tuple[PART.via] = via;
    tuple[PART.operation] = isLogical ? meanings.publishOperation(via) : this.#entryOperation(p, c);
    // The far end of a consumer's connection is the broker.
    if (isLogical) tuple[PART.peer] = 0;
    tuple[PART.kinds] = this.#kinds(caller, entry, isLogical ? HOP_TYPE.logical : HOP_TYPE.direct);
    this.#finish(entry, isPair(ring.flags[p] ?? 0, ring.flags[c] ?? 0) ? CONFIDENCE.paired : CONFIDENCE.parent);
    this.#parts.aliases.learn(caller, entry, this.#seenMs(entry));
  }

  /** A hop known by a span link; its two ends may be of different traces. */
  countLink(cause: number, entry: number): void {
    const { ring, resources } = this.#parts;
    const i = cause & ring.mask;
    this.countRemembered(
      {
        sender: ring.sender[i] ?? 0,
        destination: ring.destination[i] ?? 0,
        node: resources.senders[ring.sender[i] ?? 0]?.node ?? 0,
      },
      entry,
    );
  }

  /** As {@link countLink}, for a producer whose span has left the window. */
  countRemembered(producer: RememberedSpan, entry: number): void {
    const { ring, meanings, resources, shapes } = this.#parts;
    const c = entry & ring.mask;
    const isLogical = this.#isMessagingEntry(c);
    const via = isLogical ? producer.destination || ring.destination[c] || 0 : 0;
    this.#begin(NONE, entry);
    const tuple = this.#tuple;
    tuple[PART.callerEnvironment] = resources.senders[producer.sender]?.partition ?? 0;
    tuple[PART.caller] = producer.node;
    tuple[PART.via] = via;
    if (isLogical) tuple[PART.operation] = meanings.publishOperation(via);
    if (isLogical) tuple[PART.peer] = 0;
    tuple[PART.kinds] = this.#kinds(NONE, entry, isLogical ? HOP_TYPE.logical : HOP_TYPE.direct) & ~OUTSIDE_BITS;
    this.evidence.sender = producer.sender;
    shapes.count(tuple, CONFIDENCE.link, this.#seenMs(entry), this.evidence);
  }

  /** A called span without a parent: entered from outside, or from the peer it names. */
  countRoot(entry: number): void {
    const { ring } = this.#parts;
    const peer = ring.peer[entry & ring.mask] ?? 0;
    this.#begin(NONE, entry);
    this.#tuple[PART.caller] = peer || this.#outside;
    this.#tuple[PART.kinds] = this.#kinds(NONE, entry, HOP_TYPE.direct);
    this.#finish(entry, peer === 0 ? CONFIDENCE.root : CONFIDENCE.peer);
  }

  /** A called span whose parent never came: no edge, but still a call that was answered. */
  countUnattributed(entry: number): void {
    this.#begin(NONE, entry);
    this.#tuple[PART.caller] = this.#unseen;
    this.#tuple[PART.kinds] = this.#kinds(NONE, entry, HOP_TYPE.unattributed);
    this.#finish(entry, CONFIDENCE.peer);
  }

  /** A calling span that nobody answered: a hop to the peer it names. */
  countGuess(caller: number): void {
    const { ring, shapes } = this.#parts;
    const p = caller & ring.mask;
    this.#begin(caller, NONE);
    this.#tuple[PART.callee] = ring.peer[p] ?? 0;
    this.#tuple[PART.kinds] = this.#kinds(caller, NONE, HOP_TYPE.direct);
    ring.guessShape[p] = 1 + shapes.count(this.#tuple, CONFIDENCE.peer, this.#seenMs(caller), this.evidence);
  }

  /** One side of a message: a service publishes to, or consumes from, the destination its span names. */
  countDestination(span: number): void {
    const { ring, shapes } = this.#parts;
    const i = span & ring.mask;
    const isOut = roleOf(ring.flags[i] ?? 0) === ROLE.out;
    this.#begin(isOut ? span : NONE, isOut ? NONE : span);
    this.#tuple[isOut ? PART.callee : PART.caller] = ring.destination[i] ?? 0;
    this.#tuple[PART.kinds] = this.#kinds(isOut ? span : NONE, isOut ? NONE : span, HOP_TYPE.destination);
    shapes.count(this.#tuple, CONFIDENCE.peer, this.#seenMs(span), this.evidence);
  }

  /**
   * A call that came to its entry through proxies: `caller` called the first of them, `proxy` is the last one's span.
   * What was presented is told by the hops to and from each proxy, and not once more.
   */
  countProxied(caller: number, entry: number, proxy: number): void {
    const { ring, resources, shapes } = this.#parts;
    const c = entry & ring.mask;
    this.#begin(caller, entry);
    const tuple = this.#tuple;
    tuple[PART.via] = resources.senders[ring.sender[proxy & ring.mask] ?? 0]?.node ?? 0;
    tuple[PART.operation] = this.#entryOperation(caller & ring.mask, c);
    tuple[PART.profile] = 0;
    tuple[PART.kinds] = packKinds({
      type: HOP_TYPE.proxied,
      protocol: this.#protocol(ring.flags[caller & ring.mask] ?? 0, ring.flags[c] ?? 0, HOP_TYPE.proxied),
      seenBy: SEEN_BY.nobody,
      transport: 0,
      outcome: this.outcome(caller, entry),
      origin: 0,
      interactive: 0,
      marks: 0,
    });
    tuple[PART.peer] = 0;
    this.evidence.fingerprint = 0;
    ring.guessShape[c] = 1 + shapes.count(tuple, CONFIDENCE.parent, this.#seenMs(entry), this.evidence);
  }

  /** Takes back the hop through proxies that ends at a span. */
  retractProxied(entry: number): void {
    const { ring, shapes } = this.#parts;
    const c = entry & ring.mask;
    const shape = (ring.guessShape[c] ?? 0) - 1;
    if (shape < 0 || roleOf(ring.flags[c] ?? 0) !== ROLE.in) return;
    shapes.retract(shape, CONFIDENCE.parent, ring.weight[c] ?? 1, this.#seenMs(entry));
    ring.guessShape[c] = 0;
  }

  /** Takes back the hop that enters at a span, and with it the one through proxies. */
  retractEntry(entry: number): void {
    const { ring, shapes } = this.#parts;
    const c = entry & ring.mask;
    const shape = (ring.entryShape[c] ?? 0) - 1;
    if (shape < 0) return;
    shapes.retract(shape, confidenceOf(ring.flags[c] ?? 0), ring.weight[c] ?? 1, this.#seenMs(entry));
    ring.entryShape[c] = 0;
    this.retractProxied(entry);
    this.#parts.aliases.retract(entry);
  }

  /** Takes back the guess made for a calling span. */
  retractGuess(caller: number): void {
    const { ring, shapes } = this.#parts;
    const p = caller & ring.mask;
    shapes.retract((ring.guessShape[p] ?? 0) - 1, CONFIDENCE.peer, ring.weight[p] ?? 1, this.#seenMs(caller));
    ring.guessShape[p] = 0;
  }

  /** How a hop ended: what the callee says where it is definite, for a caller could otherwise talk itself free. */
  outcome(caller: number, entry: number): number {
    const seen = entry === NONE ? UNKNOWN_OUTCOME : this.#outcomeOf(entry, ROLE.in);
    return seen !== UNKNOWN_OUTCOME || caller === NONE ? seen : this.#outcomeOf(caller, ROLE.out);
  }

  #begin(caller: number, entry: number): void {
    const { ring, sides } = this.#parts;
    const side = sides.find(caller, entry);
    const any = entry === NONE ? caller : entry;
    const tuple = this.#tuple.fill(0);
    if (caller !== NONE) this.#putCaller(caller);
    if (entry !== NONE) this.#putCallee(entry);
    tuple[PART.operation] = ring.operation[any & ring.mask] ?? 0;
    tuple[PART.profile] = side === NONE ? 0 : (ring.profile[side & ring.mask] ?? 0);
    this.fillEvidence(caller, entry, side);
  }

  #putCaller(caller: number): void {
    const { ring, resources } = this.#parts;
    const sender = resources.senders[ring.sender[caller & ring.mask] ?? 0];
    this.#tuple[PART.environment] = sender?.partition ?? 0;
    this.#tuple[PART.callerEnvironment] = sender?.partition ?? 0;
    this.#tuple[PART.caller] = sender?.node ?? 0;
  }

  #putCallee(entry: number): void {
    const { ring, resources, extras } = this.#parts;
    const sender = resources.senders[ring.sender[entry & ring.mask] ?? 0];
    this.#tuple[PART.environment] = sender?.partition ?? 0;
    this.#tuple[PART.callee] = sender?.node ?? 0;
    this.#tuple[PART.peer] = extras.peerIdentity[extras.rowOf(entry)] ?? 0;
  }

  /**
   * Fills {@link evidence} from the two ends of a hop; `side` is the span that showed the credential. Every entry is
   * one hop, whoever its caller is, so what a service's entries stand for adds up to the calls it answered: the entry's
   * weight is the hop's, and the caller's only where no entry was seen.
   */
  fillEvidence(caller: number, entry: number, side: number): void {
    const { ring } = this.#parts;
    const { evidence } = this;
    const any = (entry === NONE ? caller : entry) & ring.mask;
    for (let word = 0; word < 4; word++) evidence.ids[word] = ring.trace[any * 4 + word] ?? 0;
    this.#copySpanId(caller, 4);
    this.#copySpanId(entry, 6);
    evidence.atMs = ring.startMs[any] ?? 0;
    evidence.weight = ring.weight[any] ?? 1;
    evidence.sender = caller === NONE ? -1 : (ring.sender[caller & ring.mask] ?? -1);
    evidence.fingerprint = side === NONE ? 0 : (ring.fingerprint[side & ring.mask] ?? 0);
  }

  #copySpanId(span: number, to: number): void {
    const { ring } = this.#parts;
    const from = (span & ring.mask) * 2;
    this.evidence.ids[to] = span === NONE ? 0 : (ring.span[from] ?? 0);
    this.evidence.ids[to + 1] = span === NONE ? 0 : (ring.span[from + 1] ?? 0);
  }

  #finish(entry: number, confidence: number): void {
    const { ring, shapes } = this.#parts;
    const c = entry & ring.mask;
    ring.entryShape[c] = 1 + shapes.count(this.#tuple, confidence, this.#seenMs(entry), this.evidence);
    ring.flags[c] = withConfidence(ring.flags[c] ?? 0, confidence);
  }

  #kinds(caller: number, entry: number, type: number): number {
    const { ring, sides } = this.#parts;
    const callerFlags = caller === NONE ? 0 : (ring.flags[caller & ring.mask] ?? 0);
    const entryFlags = entry === NONE ? 0 : (ring.flags[entry & ring.mask] ?? 0);
    const side = sides.find(caller, entry);
    const seenBy = side === entry ? SEEN_BY.callee : SEEN_BY.caller;
    return packKinds({
      type,
      protocol: this.#protocol(callerFlags, entryFlags, type),
      seenBy: side === NONE ? SEEN_BY.nobody : seenBy,
      transport: transportOf(callerFlags) || transportOf(entryFlags),
      outcome: this.outcome(caller, entry),
      origin: caller === NONE ? originOf(entryFlags) : 0,
      interactive: caller === NONE && (entryFlags & FLAG.interactive) !== 0 ? 1 : 0,
      marks: side === NONE ? 0 : sides.marks(caller, entry, side),
    });
  }

  #protocol(callerFlags: number, entryFlags: number, type: number): number {
    if (type === HOP_TYPE.logical) return MESSAGING;
    const called = roleOf(entryFlags) === ROLE.in ? protocolOf(entryFlags) : 0;
    return called || (roleOf(callerFlags) === ROLE.out ? protocolOf(callerFlags) : 0);
  }

  /** A callee that itself calls on (an entry of role OUT) says nothing about what was asked of it. */
  #entryOperation(p: number, c: number): number {
    const { ring } = this.#parts;
    const called = roleOf(ring.flags[c] ?? 0) === ROLE.in ? (ring.operation[c] ?? 0) : 0;
    return called || (roleOf(ring.flags[p] ?? 0) === ROLE.out ? (ring.operation[p] ?? 0) : 0);
  }

  #isMessagingEntry(c: number): boolean {
    const { ring } = this.#parts;
    const flags = ring.flags[c] ?? 0;
    // A client span is only ever called where it pulls messages.
    return roleOf(flags) === ROLE.in && (kindOf(flags) !== SPAN_KIND.server || ring.destination[c] !== 0);
  }

  #outcomeOf(span: number, role: number): number {
    const flags = this.#parts.ring.flags[span & this.#parts.ring.mask] ?? 0;
    return roleOf(flags) === role ? outcomeOf(flags) : UNKNOWN_OUTCOME;
  }

  #seenMs(span: number): number {
    const { ring } = this.#parts;
    return Number.isNaN(this.nowMs) ? (ring.startMs[span & ring.mask] ?? 0) : this.nowMs;
  }
}

/** Client → server and producer → consumer are the pairs that instrumentation means as one call. */
function isPair(callerFlags: number, entryFlags: number): boolean {
  const caller = kindOf(callerFlags);
  const entry = kindOf(entryFlags);
  if (caller === SPAN_KIND.client) return entry === SPAN_KIND.server;
  return caller === SPAN_KIND.producer && entry === SPAN_KIND.consumer;
}
