// Hot path: `add` runs once per span. In the steady state it makes no object and no string.

import type { CredentialProfile } from "../model/credential.ts";
import type { AssemblerFigures, Facts } from "../model/facts.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import { AliasTable } from "./alias-table.ts";
import { Descents } from "./descent.ts";
import { HopCounter } from "./hop-counter.ts";
import { Interner, NodeInterner } from "./interner.ts";
import { LinkRules } from "./link-rules.ts";
import { LongMemory } from "./long-memory.ts";
import { MeaningReader, ROLE } from "./meaning-reader.ts";
import type { PairNames } from "./pair-memory.ts";
import { PresentationTable } from "./presentation-table.ts";
import { ProducerTable } from "./producer-table.ts";
import { ProfileTable } from "./profile-table.ts";
import { ProxyHops } from "./proxy-hops.ts";
import { ResourceReader } from "./resource-reader.ts";
import { SameIdRules } from "./same-id-rules.ts";
import { ServiceCounter } from "./service-counter.ts";
import { ShapeTable } from "./shape-table.ts";
import { BY_ADDRESS, FLAG, packFlags, roleOf } from "./span-flags.ts";
import { SpanLinks } from "./span-links.ts";
import { NONE, SpanRing } from "./span-ring.ts";

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

const OPERATIONS_MAX = 200_000;

/**
 * Spans → hops. Holds the spans that wait for their other half, and counts what they add up to.
 * The time is an argument, in milliseconds, and must not go back. What it makes of the same batches at the same times
 * is always the same.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #operations = new Interner(OPERATIONS_MAX);
  readonly #nodes: NodeInterner;
  readonly #profiles = new ProfileTable();
  readonly #resources: ResourceReader;
  readonly #meanings: MeaningReader;
  readonly #ring: SpanRing;
  readonly #shapes: ShapeTable;
  readonly #aliases: AliasTable;
  readonly #presentations: PresentationTable;
  readonly #hops: HopCounter;
  readonly #descents: Descents;
  readonly #links: LinkRules;
  readonly #sameIds: SameIdRules;
  readonly #spanLinks: SpanLinks;
  readonly #services: ServiceCounter;
  readonly #producers: ProducerTable;
  readonly #names: PairNames;
  /** What is known for longer than the window. */
  readonly memory: LongMemory;
  #settleNext = 0;
  #spans = 0;
  #duplicates = 0;
  #evicted = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    const operations = this.#operations;
    const nodes = new NodeInterner(options.nodesMax);
    const resources = new ResourceReader(nodes);
    const meanings = new MeaningReader({ operations, nodes });
    const ring = new SpanRing({ capacityMax: options.waitingMax });
    const profile = (id: number): CredentialProfile => this.#profiles.profile(id);
    const presentations = new PresentationTable({
      sizeMax: options.fingerprintsMax,
      spellFingerprint: options.spellFingerprint,
    });
    const shapes = new ShapeTable({
      names: {
        nodes,
        operations,
        resources,
        profile: (id) => (id === 0 ? null : profile(id)),
        fingerprint: (number) => presentations.text(number),
      },
      sizeMax: options.shapesMax,
      operationsMax: options.operationsPerEdgeMax,
    });
    const isUsable = (id: number): boolean => this.#profiles.isUsable(id);
    const aliases = new AliasTable({ ring, nodes, resources });
    const { skewMs } = options;
    const hops = new HopCounter({ ring, shapes, aliases, nodes, resources, meanings, isUsable, skewMs });
    const descents = new Descents({ ring, hops, presentations, resources, nodes, operations, profile });
    this.#nodes = nodes;
    this.#resources = resources;
    this.#meanings = meanings;
    this.#ring = ring;
    this.#presentations = presentations;
    this.#shapes = shapes;
    this.#aliases = aliases;
    this.#hops = hops;
    this.#descents = descents;
    const proxies = new ProxyHops({ ring, hops, resources });
    this.#links = new LinkRules({ ring, hops, descents, proxies, resources });
    this.#sameIds = new SameIdRules({ ring, resources, links: this.#links });
    const { producerMs, producersMax } = options;
    const producers = new ProducerTable({ resources, nodes, meanings, producerMs, producersMax });
    this.#producers = producers;
    this.#spanLinks = new SpanLinks({ ring, hops, links: this.#links, producers });
    this.#names = { nodes, resources, profile, profileNumber: (known) => this.#profiles.intern(known) };
    this.memory = new LongMemory({ producers, presentations, names: this.#names });
    this.#services = new ServiceCounter(resources);
  }

  /** Takes in the spans of one export request; `seenMs` is what its hops say of when they were seen. */
  add(batch: SpanBatch, nowMs: number, seenMs = nowMs): void {
    this.advance(nowMs, seenMs);
    this.#resources.begin(batch);
    this.#meanings.begin(batch);
    this.#profiles.begin(batch);
    for (let span = 0; span < batch.spanCount; span++) this.#addSpan(batch, span, nowMs);
  }

  /** Lets time pass: guesses are made for spans that have waited long enough, and the oldest go. */
  advance(nowMs: number, seenMs = nowMs): void {
    const { settleMs, windowMs, seen } = this.#options;
    this.#hops.nowMs = seen === "arrival" ? seenMs : Number.NaN;
    this.#hops.evidence.clientAddress = null;
    this.#producers.advance(nowMs);
    this.#presentations.advance(nowMs);
    const ring = this.#ring;
    while (ring.isLive(this.#settleNext) && this.#arrival(this.#settleNext) + settleMs <= nowMs) this.#settleOldest();
    while (ring.oldest !== NONE && this.#arrival(ring.oldest) + windowMs <= nowMs) this.#dropOldest();
  }

  /** Ends the waiting of all spans at once: for captures, which have no window. */
  settleAll(): void {
    while (this.#ring.isLive(this.#settleNext)) this.#settleOldest();
    while (this.#ring.oldest !== NONE) this.#dropOldest();
  }

  /** What was learned since the last call. */
  takeFacts(): Facts {
    const { newShapes, counts } = this.#shapes.take();
    return {
      newShapes,
      counts,
      relays: this.#descents.takeRelays(),
      exchanges: [],
      reuses: [],
      telemetry: [],
      presentations: this.#presentations.take(this.#names, this.#hops.nowMs),
      services: this.#services.take(),
      aliases: this.#aliases.take(),
    };
  }

  /** Reports a credential's every use from now on, for drift that goes on must not look as if it had ended. */
  watch(fingerprint: string): void {
    this.#presentations.watch(fingerprint);
  }

  /** Starts the totals again: what a replay brings back was counted when it came. */
  resetTotals(): void {
    this.#spans = 0;
    this.#duplicates = 0;
    this.#evicted = 0;
    this.#links.late = 0;
    this.#links.unseenCallersTotal = 0;
    this.#shapes.retractions = 0;
    this.#resources.unresolved = 0;
  }

  figures(): AssemblerFigures {
    const ring = this.#ring;
    const youngest = ring.count === 0 ? NONE : (ring.next - 1) & 0x7fff_ffff;
    return {
      spans: this.#spans,
      duplicates: this.#duplicates,
      waiting: ring.count,
      unresolvedOut: this.#links.unresolvedOut,
      unseenCallers: this.#links.unseenCallers,
      unseenCallersTotal: this.#links.unseenCallersTotal,
      unresolvedLinks: this.#spanLinks.unresolved,
      unresolvedServices: this.#resources.unresolved,
      late: this.#links.late,
      retracted: this.#shapes.retractions,
      evicted: this.#evicted,
      overflowed:
        this.#shapes.overflows + this.#nodes.overflows + this.#presentations.overflows + this.#aliases.overflows,
      shapes: this.#shapes.size,
      windowMs: youngest === NONE ? 0 : this.#arrival(youngest) - this.#arrival(ring.oldest),
    };
  }

  #addSpan(batch: SpanBatch, span: number, nowMs: number): void {
    const ring = this.#ring;
    const sender = this.#resources.sender(batch, span);
    const kind = batch.kinds[span] ?? 0;
    this.#spans++;
    const twin = ring.find(batch, span);
    if (twin !== NONE && this.#sameIds.hasSame(twin, sender, kind)) {
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
    const ring = this.#ring;
    const i = reference & ring.mask;
    const meaning = this.#meanings.read(batch, span);
    const byAddress = meaning.isByAddress ? BY_ADDRESS : 0;
    const origin = meaning.role === ROLE.in ? this.#meanings.origin(batch, span) : byAddress;
    const hasParent = (batch.parentIds[span * 2] ?? 0) !== 0 || (batch.parentIds[span * 2 + 1] ?? 0) !== 0;
    const hasLinks = (batch.linkStarts[span + 1] ?? 0) > (batch.linkStarts[span] ?? 0);
    const kind = batch.kinds[span] ?? 0;
    ring.flags[i] =
      packFlags(meaning.role, meaning.protocol, meaning.outcome, meaning.transport, origin, kind) |
      (hasParent ? FLAG.hasParent : 0) |
      (hasLinks ? FLAG.linked : 0) |
      (meaning.isProxy ? FLAG.proxy : 0);
    ring.operation[i] = meaning.operation;
    ring.peer[i] = meaning.peer;
    ring.destination[i] = meaning.destination;
    ring.weight[i] = batch.weights.length === 0 ? 1 : (batch.weights[span] ?? 1);
    ring.startMs[i] = batch.startMs[span] ?? 0;
    const row = batch.credentialStarts[span] ?? 0;
    const hasCredential = (batch.credentialStarts[span + 1] ?? 0) > row;
    ring.profile[i] = hasCredential ? this.#profiles.number(batch, row) : 0;
    ring.fingerprint[i] = hasCredential ? this.#presentations.intern(batch.credentials.fingerprints, row * 4) : 0;
    ring.expiresAtS[i] = hasCredential ? (batch.credentials.expiresAtS[row] ?? Number.NaN) : Number.NaN;
  }

  #countService(reference: number): void {
    const ring = this.#ring;
    const i = reference & ring.mask;
    const seenMs = this.#hops.nowMs;
    const atMs = Number.isNaN(seenMs) ? (ring.startMs[i] ?? 0) : seenMs;
    this.#services.count(ring.sender[i] ?? 0, ring.flags[i] ?? 0, ring.profile[i] !== 0, atMs);
  }

  #connect(reference: number, batch: SpanBatch, span: number): void {
    const ring = this.#ring;
    const i = reference & ring.mask;
    ring.indexOwn(reference);
    let child = ring.firstChild[i] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      // One that shares its caller's id has its caller already.
      if (ring.has(child, FLAG.shared)) continue;
      ring.parentRef[child & ring.mask] = reference;
      this.#links.link(reference, child);
    }
    this.#sameIds.claimChildren(reference);
    this.#countDestination(reference);
    if (!this.#sameIds.pairShared(reference)) this.#findCaller(reference, span);
    this.#spanLinks.take(reference, batch, span);
  }

  /** A send whose messages have create spans of their own is only their transport: those count. */
  #countDestination(reference: number): void {
    const flags = this.#ring.flags[reference & this.#ring.mask] ?? 0;
    if (this.#ring.destination[reference & this.#ring.mask] === 0) return;
    if (roleOf(flags) === ROLE.out && (flags & FLAG.linked) !== 0) return;
    this.#hops.countDestination(reference);
  }

  #findCaller(reference: number, span: number): void {
    const flags = this.#ring.flags[reference & this.#ring.mask] ?? 0;
    if ((flags & FLAG.hasParent) !== 0) this.#findParent(reference);
    else if ((flags & FLAG.linked) === 0) this.#root(reference, span);
  }

  #root(reference: number, span: number): void {
    const flags = this.#ring.flags[reference & this.#ring.mask] ?? 0;
    this.#hops.evidence.clientAddress = roleOf(flags) === ROLE.in ? this.#meanings.clientAddress(span) : null;
    this.#links.root(reference);
    this.#hops.evidence.clientAddress = null;
  }

  #findParent(reference: number): void {
    const ring = this.#ring;
    const i = reference & ring.mask;
    const isOwnParent = ring.parent[i * 2] === ring.span[i * 2] && ring.parent[i * 2 + 1] === ring.span[i * 2 + 1];
    if (isOwnParent) return;
    const held = ring.findParentOrWait(reference);
    if (held === NONE) return;
    const parent = this.#sameIds.choose(held, ring.sender[i] ?? 0);
    ring.adopt(parent, reference);
    this.#links.link(parent, reference);
  }

  #settleOldest(): void {
    this.#links.settle(this.#settleNext);
    this.#spanLinks.settle(this.#settleNext);
    this.#settleNext = (this.#settleNext + 1) & 0x7fff_ffff;
  }

  #dropOldest(): void {
    if (this.#settleNext === this.#ring.oldest) this.#settleOldest();
    this.#links.drop(this.#ring.oldest);
    this.#spanLinks.drop(this.#ring.oldest);
    this.#ring.dropOldest();
  }

  #evictOldest(): void {
    this.#evicted++;
    this.#dropOldest();
  }

  #arrival(reference: number): number {
    return this.#ring.arrivalMs[reference & this.#ring.mask] ?? 0;
  }
}
