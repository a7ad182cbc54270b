// Hot path: once per hop whose caller had received another credential than it presents.

import type { Exchange } from "../model/facts.ts";
import { FactCounter } from "./fact-counter.ts";
import { FORWARDING_WIDTH, type ForwardingParts, fillForwarding, forwardedMs, spellForwarding } from "./forwarding.ts";
import type { PresentedCall } from "./presentation-table.ts";

const EXCHANGES_MAX = 100_000;

/** Such a hop, and what its caller had received. */
type Exchanged = { hop: PresentedCall; received: number; receivedProfile: number };

/** Exchanges by who received the one and presented the other to whom. */
export class ExchangeTable {
  readonly #parts: ForwardingParts;
  readonly #counter = new FactCounter({
    width: FORWARDING_WIDTH + 2,
    sizeMax: EXCHANGES_MAX,
    spell: (exchanged: Exchanged) => this.#spell(exchanged),
  });

  constructor(parts: ForwardingParts) {
    this.#parts = parts;
  }

  get overflows(): number {
    return this.#counter.overflows;
  }

  /** Notes that another credential is presented than was received; its example is the hop counter's. */
  count(exchanged: Exchanged): void {
    const { hop, received, receivedProfile } = exchanged;
    const isSame = this.#parts.fingerprints.isSameSubject(received, hop.fingerprint);
    const { tuple } = this.#counter;
    fillForwarding(tuple, hop, this.#parts);
    tuple[FORWARDING_WIDTH] = receivedProfile;
    tuple[FORWARDING_WIDTH + 1] = isSame === null ? -1 : Number(isSame);
    this.#counter.count(exchanged, forwardedMs(hop, this.#parts));
  }

  /** What was exchanged since the last call. */
  take(): Exchange[] {
    return this.#counter.take().map(({ fact, count, seenMs }) => ({ ...fact, count, seenMs }));
  }

  #spell({ hop, received, receivedProfile }: Exchanged): Omit<Exchange, "count" | "seenMs"> {
    const { profile, fingerprints } = this.#parts;
    return {
      ...spellForwarding(hop, this.#parts),
      received: profile(receivedProfile),
      presented: profile(hop.profile),
      isSameSubject: fingerprints.isSameSubject(received, hop.fingerprint),
    };
  }
}
