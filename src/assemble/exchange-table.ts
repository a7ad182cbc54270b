// Hot path: once per hop whose caller had received another credential than it presents.

import type { Exchange } from "../model/facts.ts";
import { FactCounter } from "./fact-counter.ts";
import { OUTCOMES } from "./meaning-reader.ts";
import type { PresentedCall } from "./presentation-table.ts";
import type { RelayParts } from "./relay-table.ts";
import { spellEvidence } from "./spell-evidence.ts";

const EXCHANGES_MAX = 100_000;

/** Such a hop, and what its caller had received. */
type Exchanged = { hop: PresentedCall; received: number; receivedProfile: number };

/** Exchanges by who received the one and presented the other to whom. */
export class ExchangeTable {
  readonly #parts: RelayParts;
  readonly #counter = new FactCounter({
    width: 8,
    sizeMax: EXCHANGES_MAX,
    spell: (exchanged: Exchanged) => this.#spell(exchanged),
  });

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  get overflows(): number {
    return this.#counter.overflows;
  }

  /** Notes that another credential is presented than was received; its example is the hop counter's. */
  count(exchanged: Exchanged): void {
    const { hop, received, receivedProfile } = exchanged;
    const { resources, hops, fingerprints } = this.#parts;
    const isSame = fingerprints.isSameSubject(received, hop.fingerprint);
    const { tuple } = this.#counter;
    tuple[0] = hop.environment;
    tuple[1] = resources.senders[hop.presenter]?.node ?? 0;
    tuple[2] = hop.recipient;
    tuple[3] = hop.operation;
    tuple[4] = hop.profile;
    tuple[5] = hop.outcome;
    tuple[6] = receivedProfile;
    tuple[7] = isSame === null ? -1 : Number(isSame);
    this.#counter.count(exchanged, Number.isNaN(hops.nowMs) ? hop.startMs : hops.nowMs);
  }

  /** What was exchanged since the last call. */
  take(): Exchange[] {
    return this.#counter.take().map(({ fact, count, seenMs }) => ({ ...fact, count, seenMs }));
  }

  #spell({ hop, received, receivedProfile }: Exchanged): Omit<Exchange, "count" | "seenMs"> {
    const { resources, nodes, operations, profile, hops, fingerprints } = this.#parts;
    const presenter = resources.senders[hop.presenter];
    return {
      environment: resources.environment(hop.environment),
      service: presenter?.service ?? "",
      next: nodes.node(hop.recipient),
      operation: operations.name(hop.operation),
      received: profile(receivedProfile),
      presented: profile(hop.profile),
      isSameSubject: fingerprints.isSameSubject(received, hop.fingerprint),
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
