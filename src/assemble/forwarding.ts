import type { CredentialProfile } from "../model/credential.ts";
import type { Exchange } from "../model/facts.ts";
import type { FingerprintTable } from "./fingerprint-table.ts";
import type { HopCounter } from "./hop-counter.ts";
import type { Interner, NodeInterner } from "./interner.ts";
import { OUTCOMES } from "./meaning-reader.ts";
import type { PresentedCall } from "./presentation-table.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { spellEvidence } from "./spell-evidence.ts";

/** What it takes to say who received one credential and presented it, or another, further on. */
export type ForwardingParts = {
  readonly hops: HopCounter;
  readonly fingerprints: FingerprintTable;
  readonly resources: ResourceReader;
  readonly nodes: NodeInterner;
  readonly operations: Interner;
  readonly profile: (id: number) => CredentialProfile;
};

/** How many integers {@link fillForwarding} writes. */
export const FORWARDING_WIDTH = 6;

/** Writes what tells one such hop from another. */
export function fillForwarding(tuple: Int32Array, hop: PresentedCall, { resources }: ForwardingParts): void {
  tuple[0] = hop.environment;
  tuple[1] = resources.senders[hop.presenter]?.node ?? 0;
  tuple[2] = hop.recipient;
  tuple[3] = hop.operation;
  tuple[4] = hop.profile;
  tuple[5] = hop.outcome;
}

/** The wall's time, or the spans' own where there is none. */
export function forwardedMs(hop: PresentedCall, { hops }: ForwardingParts): number {
  return Number.isNaN(hops.nowMs) ? hop.startMs : hops.nowMs;
}

type Forwarding = Pick<Exchange, "environment" | "service" | "next" | "operation" | "outcome" | "evidence">;

/** The same in words; the example is the hop counter's. */
export function spellForwarding(hop: PresentedCall, parts: ForwardingParts): Forwarding {
  const { resources, nodes, operations, hops, fingerprints } = parts;
  const presenter = resources.senders[hop.presenter];
  return {
    environment: resources.environment(hop.environment),
    service: presenter?.service ?? "",
    next: nodes.node(hop.recipient),
    operation: operations.name(hop.operation),
    outcome: OUTCOMES[hop.outcome] ?? "unknown",
    evidence: spellEvidence({
      ids: hops.evidence.ids,
      atMs: hops.evidence.atMs,
      fingerprint: fingerprints.text(hop.fingerprint),
      release: presenter?.release ?? null,
    }),
  };
}
