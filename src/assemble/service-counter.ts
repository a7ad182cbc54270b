// Hot path: once per span; typed arrays only.

import type { ServiceSighting } from "../model/facts.ts";
import { ROLE } from "./meaning-reader.ts";
import type { PodTable } from "./pod-table.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { roleOf } from "./span-flags.ts";

const COLUMNS = 5;
const SPANS = 0;
const INBOUND = 1;
const OUTBOUND = 3;

/** How much each sender sent since the last time, and how much of it showed a credential. */
export class ServiceCounter {
  readonly #resources: ResourceReader;
  readonly #pods: PodTable;
  #counts = new Uint32Array(64 * COLUMNS);
  #seenMs = new Float64Array(64);
  readonly #touched: number[] = [];

  constructor(resources: ResourceReader, pods: PodTable) {
    this.#resources = resources;
    this.#pods = pods;
  }

  count(sender: number, flags: number, hasCredential: boolean, seenMs: number): void {
    if ((sender + 1) * COLUMNS > this.#counts.length) this.#grow(sender + 1);
    const at = sender * COLUMNS;
    if (this.#counts[at + SPANS] === 0) this.#touched.push(sender);
    this.#bump(at + SPANS);
    this.#seenMs[sender] = Math.max(this.#seenMs[sender] ?? 0, seenMs);
    const role = roleOf(flags);
    if (role !== ROLE.in && role !== ROLE.out) return;
    const direction = at + (role === ROLE.in ? INBOUND : OUTBOUND);
    this.#bump(direction);
    if (hasCredential) this.#bump(direction + 1);
  }

  take(): ServiceSighting[] {
    const sightings = this.#touched.map((sender) => this.#spell(sender));
    for (const sender of this.#touched) this.#counts.fill(0, sender * COLUMNS, (sender + 1) * COLUMNS);
    this.#touched.length = 0;
    return sightings;
  }

  #spell(sender: number): ServiceSighting {
    const identity = this.#resources.senders[sender];
    const counts = this.#counts.subarray(sender * COLUMNS, (sender + 1) * COLUMNS);
    return {
      environment: identity?.environment ?? "default",
      service: identity?.service ?? "",
      runtime: identity?.runtime ?? null,
      release: identity?.release ?? null,
      spanCount: counts[0] ?? 0,
      inboundCount: counts[1] ?? 0,
      inboundCredentialCount: counts[2] ?? 0,
      outboundCount: counts[3] ?? 0,
      outboundCredentialCount: counts[4] ?? 0,
      ...(this.#pods.isPlaced(sender) ? { isInPods: true } : {}),
      seenMs: this.#seenMs[sender] ?? 0,
    };
  }

  #bump(at: number): void {
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  #grow(size: number): void {
    const counts = new Uint32Array(size * 2 * COLUMNS);
    const seenMs = new Float64Array(size * 2);
    counts.set(this.#counts);
    seenMs.set(this.#seenMs);
    this.#counts = counts;
    this.#seenMs = seenMs;
  }
}
