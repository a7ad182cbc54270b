// Hot path: once per hop on which a received credential is presented.

import type { CredentialProfile } from "../model/credential.ts";
import type { Relay } from "../model/facts.ts";
import { FactCounter } from "./fact-counter.ts";
import type { FingerprintTable } from "./fingerprint-table.ts";
import type { HopCounter } from "./hop-counter.ts";
import type { Interner, NodeInterner } from "./interner.ts";
import { OUTCOMES } from "./meaning-reader.ts";
import type { PresentedCall } from "./presentation-table.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { spellEvidence } from "./spell-evidence.ts";

const RELAYS_MAX = 100_000;

export type RelayParts = {
  readonly hops: HopCounter;
  readonly fingerprints: FingerprintTable;
  readonly resources: ResourceReader;
  readonly nodes: NodeInterner;
  readonly operations: Interner;
  readonly profile: (id: number) => CredentialProfile;
};

/** Relays by who forwarded what to whom. */
export class RelayTable {
  readonly #parts: RelayParts;
  readonly #counter = new FactCounter({
    width: 6,
    sizeMax: RELAYS_MAX,
    spell: (hop: PresentedCall) => this.#spell(hop),
  });

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  get overflows(): number {
    return this.#counter.overflows;
  }

  /** Notes that what was received is presented; its example is the hop counter's. */
  count(hop: PresentedCall): void {
    const { resources, hops } = this.#parts;
    const { tuple } = this.#counter;
    tuple[0] = hop.environment;
    tuple[1] = resources.senders[hop.presenter]?.node ?? 0;
    tuple[2] = hop.recipient;
    tuple[3] = hop.operation;
    tuple[4] = hop.profile;
    tuple[5] = hop.outcome;
    this.#counter.count(hop, Number.isNaN(hops.nowMs) ? hop.startMs : hops.nowMs);
  }

  /** What was relayed since the last call. */
  take(): Relay[] {
    return this.#counter.take().map(({ fact, count, seenMs }) => ({ ...fact, count, seenMs }));
  }

  #spell(hop: PresentedCall): Omit<Relay, "count" | "seenMs"> {
    const { resources, nodes, operations, profile, hops, fingerprints } = this.#parts;
    const presenter = resources.senders[hop.presenter];
    return {
      environment: resources.environment(hop.environment),
      service: presenter?.service ?? "",
      next: nodes.node(hop.recipient),
      operation: operations.name(hop.operation),
      credential: profile(hop.profile),
      outcome: OUTCOMES[hop.outcome] ?? "unknown",
      evidence: spellEvidence({
        ids: hops.evidence.ids,
        atMs: hops.evidence.atMs,
        fingerprint: fingerprints.text(hop.fingerprint),
        release: presenter?.release ?? null,
      }),
    };
  }
}
