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
];

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
  readonly #counter = new FactCounter({
    width: 4,
    sizeMax: SIGHTINGS_MAX,
    spell: (sighting: Sighting) => this.#spell(sighting),
  });
  /** When it counts as seen: collector time for live traffic, NaN for the span's own time. */
  nowMs = Number.NaN;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get overflows(): number {
    return this.#counter.overflows + this.#details.overflows;
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

  /** What was seen since the last call. */
  take(): TelemetrySighting[] {
    return this.#counter.take().map(({ fact, count, seenMs }) => ({ ...fact, count, seenMs }));
  }

  #count(sighting: Sighting): void {
    const identity = this.#parts.resources.senders[sighting.sender];
    const { tuple } = this.#counter;
    tuple[0] = KINDS.indexOf(sighting.kind);
    tuple[1] = identity?.partition ?? 0;
    tuple[2] = identity?.node ?? 0;
    tuple[3] = this.#details.intern(sighting.detail);
    const seenMs = Number.isNaN(this.nowMs) ? (sighting.starts[sighting.at] ?? 0) : this.nowMs;
    this.#counter.count(sighting, seenMs, 0, sighting.count);
  }

  #spell({ kind, sender, detail, traces, spans, starts, at }: Sighting): Omit<TelemetrySighting, "count" | "seenMs"> {
    const { environment, service, release } = this.#parts.resources.identity(sender);
    return {
      kind,
      environment,
      service,
      // Past the bound details are one.
      detail: this.#details.name(this.#details.intern(detail)) ?? "",
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
