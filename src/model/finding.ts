import type { Position } from "./baseline.ts";
import type { CredentialProfile } from "./credential.ts";
import type { Evidence } from "./graph.ts";

export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Only `violation` and `suspicious` become alerts; `insufficient-evidence` feeds visibility figures. */
export type Verdict = "violation" | "suspicious" | "declared-exception" | "insufficient-evidence";

/** Every rule by its only name; ids are never reused. A page and a file of `judge/` bear the same one. */
export const RULE_IDS = [
  "undeclared-call",
  "undeclared-operation",
  "forbidden-call",
  "caller-refused",
  "unattributed-call",
  "unknown-service",
  "unknown-environment",
  "cross-environment-call",
  "undeclared-datastore",
  "undeclared-datastore-access",
  "datastore-write-by-non-owner",
  "shared-datastore-boundary",
  "undeclared-destination",
  "undeclared-ingress",
  "undeclared-egress",
  "instance-metadata-credential-fetch",
  "retired-service-active",
  "retired-identity-active",
  "dormant-identity-reactivated",
  "exception-expired",
  "permanent-exception",
  "exception-unused",
  "stale-declaration",
  "undeclared-audience",
  "audience-mismatch-accepted",
  "audience-missing",
  "audience-too-broad",
  "token-audience-probing",
  "platform-token-off-platform",
  "internal-token-to-external-host",
  "unknown-issuer",
  "auth-method-drift",
  "undeclared-scope",
  "scope-missing",
  "credential-missing",
  "subject-kind-mismatch",
  "token-relayed",
  "token-relayed-past-audience",
  "relay-depth-exceeded",
  "token-multi-presenter",
  "token-fan-out",
  "client-presenter-mismatch",
  "workload-subject-mismatch",
  "token-cross-environment",
  "duplicate-token-id",
  "one-time-proof-replayed",
  "transaction-token-outside-transaction",
  "credential-changed-in-transit",
  "exchange-expected-not-seen",
  "actor-chain-mismatch",
  "scope-escalation",
  "expired-token-accepted",
  "premature-token-accepted",
  "excessive-token-lifetime",
  "non-expiring-credential",
  "token-outlives-workload",
  "sender-constraint-downgrade",
  "certificate-binding-mismatch",
  "mtls-required-missing",
  "mtls-identity-mismatch",
  "plaintext-bearer",
  "credential-in-url",
  "unauthenticated-call-accepted",
  "weak-token-algorithm",
  "token-type-confusion",
  "static-credential-on-service-hop",
  "shared-static-secret",
  "shared-identity",
  "human-use-of-machine-token",
  "stored-user-token-in-automation",
  "enforcement-inconsistent",
  "superseded-credential-in-use",
  "raw-credential-in-telemetry",
  "unattested-service-name",
  "service-name-conflict",
  "endpoint-identity-drift",
  "credential-visibility-lost",
  "untrusted-trace-parent",
  "span-identity-conflict",
  "telemetry-flood",
  "telemetry-thinned",
  "telemetry-silent",
  "blind-spot",
  "blast-radius-increase",
] as const;
export type RuleId = (typeof RULE_IDS)[number];

/** The line of the baseline that decided, or the nearest entry where nothing matched. */
export type DecidingLine = { readonly position: Position; readonly says: string };

/** What an exception may name beside caller and callee. */
export type FindingTarget = "service" | "identity" | "issuer" | "destination" | "datastore" | "host" | "scope";

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
  /** What else it is about, for exceptions to name. */
  readonly about?: { readonly [K in FindingTarget]?: string };
  /** The exception that it matches, or that ended, by id. */
  readonly exception?: string;
  /** What an exception that ended had allowed. */
  readonly allowed?: RuleId;
  /** True where the baseline wants what is undeclared offered for review and not raised. */
  readonly isProposal?: boolean;
  /** What was seen before this is no such finding, for until then it was allowed; ms since 1970. */
  readonly sinceMs?: number;
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
  /** Null for what no hop shows, such as a call that is declared and not made. */
  readonly evidence: Evidence | null;
};
