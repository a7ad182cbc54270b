import type { Position } from "./baseline.ts";
import type { CredentialProfile } from "./credential.ts";
import type { Evidence } from "./graph.ts";

export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Only `violation` and `suspicious` become alerts; `insufficient-evidence` feeds visibility figures. */
export type Verdict = "violation" | "suspicious" | "declared-exception" | "insufficient-evidence";

export type RuleId =
  | "undeclared-call"
  | "undeclared-operation"
  | "forbidden-call"
  | "caller-refused"
  | "unattributed-call"
  | "unknown-service"
  | "cross-environment-call"
  | "undeclared-datastore"
  | "undeclared-ingress"
  | "undeclared-egress"
  | "undeclared-audience"
  | "audience-mismatch-accepted"
  | "token-relayed"
  | "token-relayed-past-audience"
  | "token-multi-presenter"
  | "expired-token-accepted";

/** The line of the baseline that decided, or the nearest entry where nothing matched. */
export type DecidingLine = { readonly position: Position; readonly says: string };

/** One result of one rule: a value, not a row. Equal findings, and only those, have equal alert keys. */
export type Finding = {
  readonly rule: RuleId;
  readonly environment: string;
  /** What makes two findings the same alert, beside rule and environment; never a trace, pod, address, time or count. */
  readonly keyFields: readonly (string | readonly string[])[];
  readonly severity: Severity;
  /** Why the severity differs from the rule's own, one sentence a step. */
  readonly severityReasons: readonly string[];
  readonly verdict: Verdict;
  readonly confidence: "high" | "medium" | "low";
  /** The callee refused: the control worked. */
  readonly controlHeld: boolean;
  readonly caller: string | null;
  readonly callee: string | null;
  readonly operation: string | null;
  readonly audiences: readonly string[];
  readonly credential: CredentialProfile | null;
  readonly owner: string | null;
  /** One plain sentence: who did what. */
  readonly summary: string;
  readonly decidedBy: DecidingLine | null;
  /** What a reviewer may do about it. */
  readonly waysOut: readonly ("declare" | "except" | "fix")[];
};

/** A finding on traffic: how often since the last time, and an example. */
export type FindingHit = {
  readonly finding: Finding;
  /** Negative where hops were retracted. */
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly evidence: Evidence;
};
