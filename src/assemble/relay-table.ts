// Hot path: once per hop on which a received credential is presented.

import type { Relay } from "../model/facts.ts";
import { FactCounter } from "./fact-counter.ts";
import { FORWARDING_WIDTH, type ForwardingParts, fillForwarding, forwardedMs, spellForwarding } from "./forwarding.ts";
import type { PresentedCall } from "./presentation-table.ts";

const RELAYS_MAX = 100_000;

/** Relays by who forwarded what to whom. */
export class RelayTable {
  readonly #parts: ForwardingParts;
  readonly #counter = new FactCounter({
    width: FORWARDING_WIDTH,
    sizeMax: RELAYS_MAX,
    spell: (hop: PresentedCall) => this.#spell(hop),
  });

  constructor(parts: ForwardingParts) {
    this.#parts = parts;
  }

  get overflows(): number {
    return this.#counter.overflows;
  }

  /** Notes that what was received is presented; its example is the hop counter's. */
  count(hop: PresentedCall): void {
    fillForwarding(this.#counter.tuple, hop, this.#parts);
    this.#counter.count(hop, forwardedMs(hop, this.#parts));
  }

  /** What was relayed since the last call. */
  take(): Relay[] {
    return this.#counter.take().map(({ fact, count, seenMs }) => ({ ...fact, count, seenMs }));
  }

  #spell(hop: PresentedCall): Omit<Relay, "count" | "seenMs"> {
    return { ...spellForwarding(hop, this.#parts), credential: this.#parts.profile(hop.profile) };
  }
}
