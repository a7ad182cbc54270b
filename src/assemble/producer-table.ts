// Not hot: only spans of kind producer come here.

import type { Destination, RememberedProducers } from "../model/memory.ts";
import { Dictionary } from "./dictionary.ts";
import type { RememberedSpan } from "./hop-counter.ts";
import type { NodeInterner } from "./interner.ts";
import type { MeaningReader } from "./meaning-reader.ts";
import type { ResourceReader } from "./resource-reader.ts";

/** Numbers of a row that is not yet told: time, four words of ids, sender, destination. */
const NUMBERS = 7;

type Parts = {
  readonly resources: ResourceReader;
  readonly nodes: NodeInterner;
  readonly meanings: MeaningReader;
  /** How long a generation lasts, ms. */
  readonly producerMs: number;
  readonly producersMax: number;
};

/**
 * Producers in two generations of `producerMs` each, the present one and the one before. A generation begins at a
 * multiple of its length, so that a collector that starts again goes on with the same two.
 */
export class ProducerTable {
  readonly #parts: Parts;
  #producers = new Map<string, RememberedSpan>();
  #olderProducers = new Map<string, RememberedSpan>();
  #generation = Number.NaN;
  #nowMs = 0;
  #fresh: number[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Lets time pass; what is older than the generation before is forgotten. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    const generation = Math.floor(nowMs / this.#parts.producerMs);
    const passed = generation - this.#generation;
    // A replay begins before the newest of what was restored.
    if (passed <= 0) return;
    this.#generation = generation;
    if (this.#producers.size > 0 || this.#olderProducers.size > 0) this.#rotate(passed);
  }

  /** The producer with this key, or undefined where none is remembered. */
  find(key: string): RememberedSpan | undefined {
    return this.#producers.get(key) ?? this.#olderProducers.get(key);
  }

  /** Remembers a producer from now on. */
  remember(ids: Uint32Array, sender: number, destination: number): void {
    this.#keep(ids, sender, destination);
    this.#fresh.push(this.#nowMs, ids[0] ?? 0, ids[1] ?? 0, ids[2] ?? 0, ids[3] ?? 0, sender, destination);
  }

  /** The producers that came since the last call: one entry, or none. */
  take(): RememberedProducers[] {
    if (this.#fresh.length === 0) return [];
    const fresh = this.#fresh;
    this.#fresh = [];
    return [this.#pack(fresh)];
  }

  /** Remembers again what came before a moment; call in the order of the commits, before any {@link remember}. */
  restore(remembered: RememberedProducers, beforeMs: number): void {
    const { resources, nodes, meanings } = this.#parts;
    const senders = remembered.senders.map((sender) => resources.number(sender));
    const destinations = remembered.destinations.map(({ node, publishOperation }) => {
      const number = nodes.intern(node);
      meanings.learnDestination(number, publishOperation);
      return number;
    });
    for (const [row, atMs] of remembered.atMs.entries()) {
      if (atMs >= beforeMs) return;
      this.advance(atMs);
      const ids = remembered.ids.subarray(row * 4, row * 4 + 4);
      const sender = senders[remembered.senderIndexes[row] ?? 0] ?? 0;
      this.#keep(ids, sender, destinations[remembered.destinationIndexes[row] ?? -1] ?? 0);
    }
  }

  #keep(ids: Uint32Array, sender: number, destination: number): void {
    if (this.#producers.size >= this.#parts.producersMax) this.#rotate(1);
    const node = this.#parts.resources.senders[sender]?.node ?? 0;
    this.#producers.set(producerKey(ids, 0, ids, 2), { sender, node, destination });
  }

  #rotate(passed: number): void {
    this.#olderProducers = passed === 1 ? this.#producers : new Map();
    this.#producers = new Map();
  }

  #pack(fresh: readonly number[]): RememberedProducers {
    const { resources, nodes, meanings } = this.#parts;
    const senders = new Dictionary((number) => resources.identity(number));
    const destinations = new Dictionary<Destination>((number) => ({
      node: nodes.node(number),
      publishOperation: meanings.publishOperationName(number),
    }));
    const size = fresh.length / NUMBERS;
    const atMs = new Float64Array(size);
    const ids = new Uint32Array(size * 4);
    const senderIndexes = new Uint32Array(size);
    const destinationIndexes = new Int32Array(size);
    for (let row = 0; row < size; row++) {
      const at = row * NUMBERS;
      atMs[row] = fresh[at] ?? 0;
      for (let word = 0; word < 4; word++) ids[row * 4 + word] = fresh[at + 1 + word] ?? 0;
      senderIndexes[row] = senders.index(fresh[at + 5] ?? 0);
      const destination = fresh[at + 6] ?? 0;
      destinationIndexes[row] = destination === 0 ? -1 : destinations.index(destination);
    }
    return {
      atMs,
      ids,
      senderIndexes,
      destinationIndexes,
      senders: senders.values,
      destinations: destinations.values,
    };
  }
}

/** The words at `t` and `s` as one key: the low half of a trace id, which is all that 64-bit systems send, and a span id. */
export function producerKey(traces: Uint32Array, t: number, spans: Uint32Array, s: number): string {
  return `${traces[t]}.${traces[t + 1]}.${spans[s]}.${spans[s + 1]}`;
}
