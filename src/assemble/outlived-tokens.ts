// Hot path only for tokens that are bound to a pod which was heard; objects are made only where that one is silent.

import type { Reuse } from "../model/facts.ts";
import { SPAN_KIND } from "../model/span-batch.ts";
import { type ForwardingParts, forwardedMs, spellForwarding } from "./forwarding.ts";
import type { PodTable } from "./pod-table.ts";
import type { PresentedCall } from "./presentation-table.ts";
import { FLAG, kindOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";

/** A pod whose exporter tries again is heard within that time. */
const WAIT_MS = 600_000;
const WAITS_MAX = 10_000;

type Parts = ForwardingParts & { readonly ring: SpanRing; readonly pods: PodTable };
type Ends = { readonly caller: number; readonly entry: number };
type Wait = {
  reuse: Reuse;
  readonly pod: number;
  /** The sender that presented it, -1 where it was not seen. */
  readonly presenter: number;
  readonly atMs: number;
  readonly dueMs: number;
};

/**
 * Tokens that were presented after the pod that they are bound to had ended. That it has, shows only in that it is not
 * heard: so each waits for ten minutes, and is told where the pod was not heard of then either.
 */
export class OutlivedTokens {
  readonly #parts: Parts;
  /** By pod and what tells one such hop from another; in the order in which they are due. */
  readonly #waits = new Map<string, Wait>();
  #told: Reuse[] = [];
  #nowMs = 0;
  overflows = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Lets time pass: what has waited long enough is told, unless its pod was heard again. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [key, wait] of this.#waits) {
      if (wait.dueMs > nowMs) return;
      this.#settle(key, wait);
    }
  }

  /** Ends all waiting at once. */
  settleAll(): void {
    for (const [key, wait] of this.#waits) this.#settle(key, wait);
  }

  /** Notes an accepted hop with a token that is bound to a pod; its example is the hop counter's. */
  present(pod: number, hop: PresentedCall, ends: Ends): void {
    const { pods } = this.#parts;
    // A clock that runs ahead must not make an old pod of one that was just heard.
    const atMs = Math.min(hop.startMs, forwardedMs(hop, this.#parts));
    const goneMs = pods.goneForMs(pod, atMs);
    if (goneMs === 0 || !this.#isTelling(pod, hop, ends)) return;
    const key = `${pod} ${hop.environment} ${hop.presenter} ${hop.recipient} ${hop.operation} ${hop.profile}`;
    const known = this.#waits.get(key);
    if (known !== undefined) known.reuse = { ...known.reuse, count: known.reuse.count + 1 };
    else if (this.#waits.size >= WAITS_MAX) this.overflows++;
    else this.#waits.set(key, { ...this.#wait(hop, goneMs), pod, atMs });
  }

  /** What was presented too late, as far as it is known since the last call. */
  take(): readonly Reuse[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /**
   * Whether a hop cannot be the pod's own. A span of the pod itself would have been heard. A caller that was not seen
   * may be a client in the pod that makes no spans, unless the service goes on elsewhere; one that names a calling span
   * which never came may be the pod, cut off. A proxy passes on what it was shown, and a message what was sent with it.
   */
  #isTelling(pod: number, { presenter }: PresentedCall, { caller, entry }: Ends): boolean {
    const { ring, pods } = this.#parts;
    if (entry !== NONE && kindOf(ring.flags[entry & ring.mask] ?? 0) !== SPAN_KIND.server) return false;
    if (presenter < 0) return !ring.has(entry, FLAG.hasParent) && pods.isReplaced(pod);
    if (ring.has(caller, FLAG.proxy) || !pods.isInPods(presenter)) return false;
    return kindOf(ring.flags[caller & ring.mask] ?? 0) !== SPAN_KIND.producer;
  }

  /** Of a presenter some spans without a pod may have come meanwhile: then it may be the pod itself. */
  #settle(key: string, { reuse, pod, presenter, atMs }: Wait): void {
    const { pods } = this.#parts;
    this.#waits.delete(key);
    if (presenter >= 0 && !pods.isInPods(presenter)) return;
    if (pods.goneForMs(pod, atMs) > 0) this.#told.push(reuse);
  }

  #wait(hop: PresentedCall, goneMs: number): Pick<Wait, "reuse" | "presenter" | "dueMs"> {
    return { reuse: this.#spell(hop, goneMs), presenter: hop.presenter, dueMs: this.#nowMs + WAIT_MS };
  }

  #spell(hop: PresentedCall, apartMs: number): Reuse {
    const { service, next, ...told } = spellForwarding(hop, this.#parts);
    return {
      kind: "ended-pod",
      presenter: hop.presenter < 0 ? null : service,
      recipient: next,
      credential: this.#parts.profile(hop.profile),
      apartMs,
      count: 1,
      seenMs: forwardedMs(hop, this.#parts),
      ...told,
    };
  }
}
