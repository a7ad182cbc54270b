// Hot path: `add` runs once per span. In the steady state it makes no object and no string.

import type { AssemblerFigures, Facts } from "../model/facts.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import { type AssemblerParts, createParts } from "./assembler-parts.ts";
import { LongMemory } from "./long-memory.ts";
import { ROLE } from "./meaning-reader.ts";
import { BY_ADDRESS, FLAG, packFlags, roleOf } from "./span-flags.ts";
import { NONE } from "./span-ring.ts";

export type AssemblerOptions = {
  /** Age at which one-sided guesses are made; at least twice the SDKs' batch delay. */
  readonly settleMs: number;
  /** Age at which a span no longer waits: the pairing window. */
  readonly windowMs: number;
  /** Spans that may wait; past it the oldest gives way, its guess made first. */
  readonly waitingMax: number;
  readonly shapesMax: number;
  readonly operationsPerEdgeMax: number;
  readonly nodesMax: number;
  readonly fingerprintsMax: number;
  /** How long producer spans are remembered for the links of their consumers. */
  readonly producerMs: number;
  readonly producersMax: number;
  /** How far clocks may differ before a token counts as expired. */
  readonly skewMs: number;
  /** Live traffic is seen when it arrives; a capture when its spans say. */
  readonly seen: "arrival" | "span";
  /** Four words of a fingerprint → text. */
  readonly spellFingerprint: (words: Uint32Array) => string;
};

/** About 100 bytes a waiting span: 512 MiB at the most. */
export const ASSEMBLER_DEFAULTS: Omit<AssemblerOptions, "spellFingerprint"> = {
  settleMs: 15_000,
  windowMs: 30_000,
  waitingMax: 4_194_304,
  shapesMax: 1_000_000,
  operationsPerEdgeMax: 1_000,
  nodesMax: 50_000,
  fingerprintsMax: 500_000,
  producerMs: 3_600_000,
  producersMax: 500_000,
  skewMs: 60_000,
  seen: "arrival",
};

/**
 * Spans → hops. Holds the spans that wait for their other half, and counts what they add up to.
 * The time is an argument, in milliseconds, and must not go back. What it makes of the same batches at the same times
 * is always the same.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #parts: AssemblerParts;
  /** What is known for longer than the window. */
  readonly memory: LongMemory;
  #settleNext = 0;
  #spans = 0;
  #duplicates = 0;
  #evicted = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#parts = createParts(options);
    this.memory = new LongMemory(this.#parts);
  }

  /**
   * Takes in the spans of one export request; `seenMs` is what its hops say of when they were seen, `principal` who
   * sent it: null where nobody proved who they are, absent where nobody is asked.
   */
  add(batch: SpanBatch, nowMs: number, seenMs = nowMs, principal?: string | null): void {
    this.advance(nowMs, seenMs);
    this.#parts.resources.begin(batch);
    this.#parts.meanings.begin(batch);
    this.#parts.credentials.begin(batch);
    this.#tellOfResources(batch);
    if (principal !== undefined) this.#parts.telemetry.seeSender(principal ?? "", batch);
    for (let span = 0; span < batch.spanCount; span++) this.#addSpan(batch, span, nowMs);
  }

  /** Lets time pass: guesses are made for spans that have waited long enough, and the oldest go. */
  advance(nowMs: number, seenMs = nowMs): void {
    const { settleMs, windowMs, seen } = this.#options;
    this.#parts.hops.nowMs = seen === "arrival" ? seenMs : Number.NaN;
    this.#parts.telemetry.nowMs = this.#parts.hops.nowMs;
    this.#parts.pods.nowMs = this.#parts.hops.nowMs;
    this.#parts.hops.evidence.clientAddress = null;
    this.#parts.producers.advance(nowMs);
    this.#parts.presentations.advance(nowMs);
    this.#parts.reuses.advance(nowMs);
    this.#parts.outlived.advance(nowMs);
    this.#parts.resources.advance(nowMs);
    const ring = this.#parts.ring;
    while (ring.isLive(this.#settleNext) && this.#arrival(this.#settleNext) + settleMs <= nowMs) this.#settleOldest();
    while (ring.oldest !== NONE && this.#arrival(ring.oldest) + windowMs <= nowMs) this.#dropOldest();
  }

  /** Ends the waiting of all spans at once: for captures, which have no window. */
  settleAll(): void {
    while (this.#parts.ring.isLive(this.#settleNext)) this.#settleOldest();
    while (this.#parts.ring.oldest !== NONE) this.#dropOldest();
    this.#parts.reuses.settleAll();
    this.#parts.outlived.settleAll();
  }

  /** What was learned since the last call. */
  takeFacts(): Facts {
    const { newShapes, counts } = this.#parts.shapes.take();
    return {
      newShapes,
      counts,
      relays: this.#parts.descents.takeRelays(),
      exchanges: this.#parts.descents.takeExchanges(),
      reuses: [...this.#parts.reuses.take(), ...this.#parts.outlived.take()],
      telemetry: this.#parts.telemetry.take(),
      presentations: this.#parts.presentations.take(this.#parts.names, this.#parts.hops.nowMs),
      services: this.#parts.services.take(),
      aliases: this.#parts.aliases.take(),
    };
  }

  /** Reports a credential's every use from now on, for drift that goes on must not look as if it had ended. */
  watch(fingerprint: string): void {
    this.#parts.presentations.watch(fingerprint);
  }

  /** Starts the totals again: what a replay brings back was counted when it came. */
  resetTotals(): void {
    this.#spans = 0;
    this.#duplicates = 0;
    this.#evicted = 0;
    this.#parts.links.late = 0;
    this.#parts.links.unseenCallersTotal = 0;
    this.#parts.shapes.retractions = 0;
    this.#parts.resources.unresolved = 0;
  }

  figures(): AssemblerFigures {
    const ring = this.#parts.ring;
    const youngest = ring.count === 0 ? NONE : (ring.next - 1) & 0x7fff_ffff;
    return {
      spans: this.#spans,
      duplicates: this.#duplicates,
      waiting: ring.count,
      unresolvedOut: this.#parts.links.unresolvedOut,
      unseenCallers: this.#parts.links.unseenCallers,
      unseenCallersTotal: this.#parts.links.unseenCallersTotal,
      unresolvedLinks: this.#parts.spanLinks.unresolved,
      unresolvedServices: this.#parts.resources.unresolved,
      late: this.#parts.links.late,
      retracted: this.#parts.shapes.retractions,
      evicted: this.#evicted,
      overflowed:
        this.#parts.shapes.overflows +
        this.#parts.nodes.overflows +
        this.#parts.peers.overflows +
        this.#parts.presentations.overflows +
        this.#parts.descents.overflows +
        this.#parts.reuses.overflows +
        this.#parts.pods.overflows +
        this.#parts.outlived.overflows +
        this.#parts.telemetry.overflows +
        this.#parts.aliases.overflows,
      shapes: this.#parts.shapes.size,
      windowMs: youngest === NONE ? 0 : this.#arrival(youngest) - this.#arrival(ring.oldest),
    };
  }

  /** Pods that are heard, credentials that stood in the open, and names that are used twice. */
  #tellOfResources(batch: SpanBatch): void {
    const { telemetry, resources, pods } = this.#parts;
    pods.see(batch);
    for (const { resource, place, count } of batch.leaks) {
      const told = { kind: "raw-credential", sender: resources.senderOf(resource), detail: place } as const;
      telemetry.seeResource(told, batch, resource, count);
    }
    for (const { resource, attribute } of resources.conflicts) {
      const told = { kind: "name-conflict", sender: resources.senderOf(resource), detail: attribute } as const;
      telemetry.seeResource(told, batch, resource);
    }
  }

  #addSpan(batch: SpanBatch, span: number, nowMs: number): void {
    const ring = this.#parts.ring;
    const sender = this.#parts.resources.sender(batch, span);
    const kind = batch.kinds[span] ?? 0;
    this.#spans++;
    const twin = ring.find(batch, span);
    if (twin !== NONE && this.#parts.sameIds.hasSame(twin, sender, kind)) {
      this.#duplicates++;
      return;
    }
    if (ring.isFull) this.#evictOldest();
    const reference = ring.push(batch, span);
    this.#fill(reference, batch, span);
    ring.sender[reference & ring.mask] = sender;
    ring.arrivalMs[reference & ring.mask] = nowMs;
    this.#countService(reference);
    this.#connect(reference, batch, span);
  }

  /** Fills the columns of a pushed span from its batch. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path; one pass over typed arrays, and every `??` only satisfies the index checks.
  #fill(reference: number, batch: SpanBatch, span: number): void {
    const ring = this.#parts.ring;
    const i = reference & ring.mask;
    const meaning = this.#parts.meanings.read(batch, span);
    const byAddress = meaning.isByAddress ? BY_ADDRESS : 0;
    const isCalled = meaning.role === ROLE.in;
    const origin = isCalled ? this.#parts.meanings.origin(batch, span) : byAddress;
    const hasParent = (batch.parentIds[span * 2] ?? 0) !== 0 || (batch.parentIds[span * 2 + 1] ?? 0) !== 0;
    const hasLinks = (batch.linkStarts[span + 1] ?? 0) > (batch.linkStarts[span] ?? 0);
    const kind = batch.kinds[span] ?? 0;
    ring.flags[i] =
      packFlags(meaning.role, meaning.protocol, meaning.outcome, meaning.transport, origin, kind) |
      (hasParent ? FLAG.hasParent : 0) |
      (hasLinks ? FLAG.linked : 0) |
      (meaning.isProxy ? FLAG.proxy : 0) |
      (isCalled && this.#parts.meanings.isByHand ? FLAG.interactive : 0);
    ring.operation[i] = meaning.operation;
    ring.peer[i] = meaning.peer;
    ring.destination[i] = meaning.destination;
    ring.weight[i] = batch.weights.length === 0 ? 1 : (batch.weights[span] ?? 1);
    ring.startMs[i] = batch.startMs[span] ?? 0;
    this.#parts.credentials.fill(reference, batch, span);
  }

  #countService(reference: number): void {
    const ring = this.#parts.ring;
    const i = reference & ring.mask;
    const seenMs = this.#parts.hops.nowMs;
    const atMs = Number.isNaN(seenMs) ? (ring.startMs[i] ?? 0) : seenMs;
    this.#parts.services.count(ring.sender[i] ?? 0, ring.flags[i] ?? 0, ring.profile[i] !== 0, atMs);
  }

  #connect(reference: number, batch: SpanBatch, span: number): void {
    const ring = this.#parts.ring;
    const i = reference & ring.mask;
    ring.indexOwn(reference);
    let child = ring.firstChild[i] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      // One that shares its caller's id has its caller already.
      if (ring.has(child, FLAG.shared)) continue;
      ring.parentRef[child & ring.mask] = reference;
      this.#parts.links.link(reference, child);
    }
    this.#parts.sameIds.claimChildren(reference);
    this.#countDestination(reference);
    if (!this.#parts.sameIds.pairShared(reference)) this.#findCaller(reference, span);
    this.#parts.spanLinks.take(reference, batch, span);
  }

  /** A send whose messages have create spans of their own is only their transport: those count. */
  #countDestination(reference: number): void {
    const flags = this.#parts.ring.flags[reference & this.#parts.ring.mask] ?? 0;
    if (this.#parts.ring.destination[reference & this.#parts.ring.mask] === 0) return;
    if (roleOf(flags) === ROLE.out && (flags & FLAG.linked) !== 0) return;
    this.#parts.hops.countDestination(reference);
  }

  #findCaller(reference: number, span: number): void {
    const flags = this.#parts.ring.flags[reference & this.#parts.ring.mask] ?? 0;
    if ((flags & FLAG.hasParent) !== 0) this.#findParent(reference);
    else if ((flags & FLAG.linked) === 0) this.#root(reference, span);
  }

  #root(reference: number, span: number): void {
    const flags = this.#parts.ring.flags[reference & this.#parts.ring.mask] ?? 0;
    this.#parts.hops.evidence.clientAddress =
      roleOf(flags) === ROLE.in ? this.#parts.meanings.clientAddress(span) : null;
    this.#parts.links.root(reference);
    this.#parts.hops.evidence.clientAddress = null;
  }

  #findParent(reference: number): void {
    const ring = this.#parts.ring;
    const i = reference & ring.mask;
    const isOwnParent = ring.parent[i * 2] === ring.span[i * 2] && ring.parent[i * 2 + 1] === ring.span[i * 2 + 1];
    if (isOwnParent) return;
    const held = ring.findParentOrWait(reference);
    if (held === NONE) return;
    const parent = this.#parts.sameIds.choose(held, ring.sender[i] ?? 0);
    ring.adopt(parent, reference);
    this.#parts.links.link(parent, reference);
  }

  #settleOldest(): void {
    this.#parts.links.settle(this.#settleNext);
    this.#parts.spanLinks.settle(this.#settleNext);
    this.#settleNext = (this.#settleNext + 1) & 0x7fff_ffff;
  }

  #dropOldest(): void {
    if (this.#settleNext === this.#parts.ring.oldest) this.#settleOldest();
    this.#parts.links.drop(this.#parts.ring.oldest);
    this.#parts.spanLinks.drop(this.#parts.ring.oldest);
    this.#parts.extras.release(this.#parts.ring.oldest);
    this.#parts.ring.dropOldest();
  }

  #evictOldest(): void {
    this.#evicted++;
    this.#dropOldest();
  }

  #arrival(reference: number): number {
    return this.#parts.ring.arrivalMs[reference & this.#parts.ring.mask] ?? 0;
  }
}
