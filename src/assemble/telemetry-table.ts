// Not hot: only what is odd about the telemetry itself comes here.

import type { TelemetrySighting } from "../model/facts.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import { FactCounter } from "./fact-counter.ts";
import { hex } from "./hex.ts";
import { Interner } from "./interner.ts";
import type { ResourceReader } from "./resource-reader.ts";
import type { SpanRing } from "./span-ring.ts";

const SIGHTINGS_MAX = 20_000;
const DETAILS_MAX = 10_000;
const KINDS: readonly TelemetrySighting["kind"][] = [
  "raw-credential",
  "identity-conflict",
  "untrusted-parent",
  "name-conflict",
  "sender",
];
/** A sender that goes on as it did is told again so often. */
const AGAIN_MS = 60_000;

type Told = Pick<TelemetrySighting, "kind" | "detail"> & { readonly sender: number };
/** A span as an example: where its ids stand, and its place there. */
type Example = {
  readonly traces: Uint32Array;
  readonly spans: Uint32Array;
  readonly starts: Float64Array;
  readonly at: number;
};
type Sighting = Told & Example & { readonly count: number };

type Parts = { readonly ring: SpanRing; readonly resources: ResourceReader };

/** What is odd about the telemetry itself, by kind, service and what it concerns; one like an earlier one only counts. */
export class TelemetryTable {
  readonly #parts: Parts;
  readonly #details = new Interner(DETAILS_MAX);
  /** Apart: who sends may choose details, and proves only who it is. */
  readonly #principals = new Interner(DETAILS_MAX);
  readonly #odd = this.#counter();
  /** Apart, so that whoever makes up names of services leaves room for the rest. */
  #sent = this.#counter();
  #sentOverflows = 0;
  /** When each sender was told last, and its resources since, by its number and that of who it proved to be. */
  readonly #senders = new Map<number, { toldMs: number; count: number }>();
  /** When it counts as seen: collector time for live traffic, NaN for the span's own time. */
  nowMs = Number.NaN;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get overflows(): number {
    const sent = this.#sentOverflows + this.#sent.overflows + this.#principals.overflows;
    return this.#odd.overflows + this.#details.overflows + sent;
  }

  /** Something about a waiting span. */
  see(told: Told, span: number): void {
    const { ring } = this.#parts;
    const example = { traces: ring.trace, spans: ring.span, starts: ring.startMs, at: span & ring.mask };
    this.#count({ ...told, ...example, count: 1 });
  }

  /** Something about a resource of a batch, so many times; its first span is the example, and without one nothing is told. */
  seeResource(told: Told, batch: SpanBatch, resource: number, count = 1): void {
    const at = batch.resources.indexOf(resource);
    if (at < 0) return;
    const example = { traces: batch.traceIds, spans: batch.spanIds, starts: batch.startMs, at };
    this.#count({ ...told, ...example, count });
  }

  /**
   * Who sent a batch, "" for nobody known, of each of its resources. The spans of a resource stand together; not to tell
   * the same with every batch, one that is known is told once a minute.
   */
  seeSender(principal: string, batch: SpanBatch): void {
    const detail = this.#principals.intern(principal);
    let last = -1;
    for (let at = 0; at < batch.spanCount; at++) {
      const resource = batch.resources[at] ?? 0;
      if (resource === last) continue;
      last = resource;
      const sender = this.#parts.resources.senderOf(resource);
      const count = this.#dueOf(sender * 2 * DETAILS_MAX + detail);
      if (count === 0) continue;
      const example = { traces: batch.traceIds, spans: batch.spanIds, starts: batch.startMs, at };
      this.#count({ kind: "sender", detail: principal, sender, ...example, count });
    }
  }

  /** Counts one more; returns how many are to be told, 0 for none yet. */
  #dueOf(key: number): number {
    let known = this.#senders.get(key);
    if (known === undefined) {
      if (this.#senders.size >= SIGHTINGS_MAX) this.#senders.clear();
      known = { toldMs: Number.NEGATIVE_INFINITY, count: 0 };
      this.#senders.set(key, known);
    }
    known.count++;
    if (this.nowMs < known.toldMs + AGAIN_MS) return 0;
    const { count } = known;
    known.toldMs = this.nowMs;
    known.count = 0;
    return count;
  }

  /** What was seen since the last call. */
  take(): TelemetrySighting[] {
    const all = [...this.#odd.take(), ...this.#sent.take()];
    if (this.#sent.isFull) this.#startSentAnew();
    return all.map(({ fact, count, seenMs }) => ({ ...fact, count, seenMs }));
  }

  /** Names that somebody made up must not keep those that come later from being told. */
  #startSentAnew(): void {
    this.#sentOverflows += this.#sent.overflows;
    this.#sent = this.#counter();
    this.#senders.clear();
  }

  #namesOf({ kind }: Sighting): Interner {
    return kind === "sender" ? this.#principals : this.#details;
  }

  #counter(): FactCounter<Sighting, Omit<TelemetrySighting, "count" | "seenMs">> {
    return new FactCounter({ width: 4, sizeMax: SIGHTINGS_MAX, spell: (sighting: Sighting) => this.#spell(sighting) });
  }

  #count(sighting: Sighting): void {
    const identity = this.#parts.resources.senders[sighting.sender];
    const counter = sighting.kind === "sender" ? this.#sent : this.#odd;
    const { tuple } = counter;
    tuple[0] = KINDS.indexOf(sighting.kind);
    tuple[1] = identity?.partition ?? 0;
    tuple[2] = identity?.node ?? 0;
    tuple[3] = this.#namesOf(sighting).intern(sighting.detail);
    const seenMs = Number.isNaN(this.nowMs) ? (sighting.starts[sighting.at] ?? 0) : this.nowMs;
    counter.count(sighting, seenMs, 0, sighting.count);
  }

  #spell(sighting: Sighting): Omit<TelemetrySighting, "count" | "seenMs"> {
    const { kind, sender, detail, traces, spans, starts, at } = sighting;
    const names = this.#namesOf(sighting);
    const { environment, service, release } = this.#parts.resources.identity(sender);
    return {
      kind,
      environment,
      service,
      // Past the bound details are one.
      detail: names.name(names.intern(detail)) ?? "",
      evidence: {
        traceId: hex(traces, at * 4, at * 4 + 4),
        callerSpanId: null,
        calleeSpanId: hex(spans, at * 2, at * 2 + 2),
        atMs: starts[at] ?? 0,
        clientAddress: null,
        fingerprint: null,
        release,
      },
    };
  }
}
