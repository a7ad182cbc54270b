import type { CredentialProfile } from "../model/credential.ts";
import type { Relay } from "../model/facts.ts";
import { hex } from "./hex.ts";
import type { HopCounter } from "./hop-counter.ts";
import type { Interner, NodeInterner } from "./interner.ts";
import { OUTCOMES } from "./meaning-reader.ts";
import type { PresentationTable, PresentedHop } from "./presentation-table.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { NONE, type SpanRing } from "./span-ring.ts";
import { TupleTable } from "./tuple-table.ts";

const RELAYS_MAX = 100_000;
const PARTS = 6;

type Row = { count: number; seenMs: number; relay: Omit<Relay, "count" | "seenMs"> };

type Parts = {
  readonly ring: SpanRing;
  readonly hops: HopCounter;
  readonly presentations: PresentationTable;
  readonly resources: ResourceReader;
  readonly nodes: NodeInterner;
  readonly operations: Interner;
  readonly profile: (id: number) => CredentialProfile;
};

/** Relays by who forwarded what to whom; one like an earlier one only counts. */
export class RelayTable {
  readonly #parts: Parts;
  readonly #tuples = new TupleTable(256);
  readonly #rows: Row[] = [];
  readonly #dirty = new Set<Row>();
  readonly #tuple = new Int32Array(PARTS);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  count(hop: PresentedHop, at: { readonly caller: number; readonly entry: number; readonly outcome: number }): void {
    const { ring, resources } = this.#parts;
    const operation = ring.operation[(at.entry === NONE ? at.caller : at.entry) & ring.mask] ?? 0;
    const tuple = this.#tuple;
    tuple[0] = hop.environment;
    tuple[1] = resources.senders[hop.presenter]?.node ?? 0;
    tuple[2] = hop.recipient;
    tuple[3] = operation;
    tuple[4] = hop.profile;
    tuple[5] = at.outcome;
    if (this.#tuples.size >= RELAYS_MAX && this.#tuples.find(tuple, PARTS) < 0) return;
    const number = this.#tuples.add(tuple, PARTS);
    const row = this.#rows[number] ?? { count: 0, seenMs: 0, relay: this.#spell(hop, operation, at.outcome) };
    // Told with an example of this time, not of the first time ever.
    if (row.count === 0) row.relay = this.#spell(hop, operation, at.outcome);
    this.#rows[number] = row;
    row.count++;
    row.seenMs = Number.isNaN(this.#parts.hops.nowMs) ? hop.startMs : this.#parts.hops.nowMs;
    this.#dirty.add(row);
  }

  /** What was relayed since the last call. */
  take(): Relay[] {
    const relays = [...this.#dirty].map(({ relay, count, seenMs }) => ({ ...relay, count, seenMs }));
    for (const row of this.#dirty) row.count = 0;
    this.#dirty.clear();
    return relays;
  }

  #spell(hop: PresentedHop, operation: number, outcome: number): Row["relay"] {
    const { resources, nodes, operations, profile, hops, presentations } = this.#parts;
    const { ids, atMs } = hops.evidence;
    const presenter = resources.senders[hop.presenter];
    return {
      environment: resources.environment(hop.environment),
      service: presenter?.service ?? "",
      next: nodes.node(hop.recipient),
      operation: operations.name(operation),
      credential: profile(hop.profile),
      outcome: OUTCOMES[outcome] ?? "unknown",
      evidence: {
        traceId: hex(ids, 0, 4),
        callerSpanId: hex(ids, 4, 6),
        calleeSpanId: ids[6] === 0 && ids[7] === 0 ? null : hex(ids, 6, 8),
        atMs,
        clientAddress: null,
        fingerprint: presentations.text(hop.fingerprint),
        release: presenter?.release ?? null,
      },
    };
  }
}
