import type { Finding } from "./finding.ts";
import type { Evidence } from "./graph.ts";

export const ALERT_STATUSES = [
  "proposed",
  "open",
  "acknowledged",
  "accepted",
  "resolved",
  "excepted",
  "dismissed",
] as const;
/** `open` and `acknowledged` want a person; the rest are closed or waiting for review. */
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** One append-only line of an alert's history. */
export type AuditRow = {
  readonly alertId: string;
  readonly atMs: number;
  /** A person's name, or `trustdrift` for what the collector did by itself. */
  readonly actor: string;
  readonly action:
    | "raise"
    | "reopen"
    | "acknowledge"
    | "accept"
    | "resolve"
    | "dismiss"
    | "except"
    | "retract"
    | "change";
  readonly from: AlertStatus | null;
  readonly to: AlertStatus;
  readonly reason: string | null;
};

/** The stored thing a person reviews: one per alert key. */
export type Alert = {
  /** ULID. */
  readonly id: string;
  /** `v1:` and 26 base32 characters. */
  readonly key: string;
  readonly finding: Finding;
  readonly status: AlertStatus;
  readonly statusReason: string | null;
  /** When it got this status; ms since 1970. */
  readonly statusSinceMs?: number;
  readonly assignee: string | null;
  /** For an acknowledged alert: reopened when still seen after this; ms since 1970. */
  readonly acknowledgedUntilMs: number | null;
  readonly isRegression: boolean;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly count: number;
  /** First, last and up to 20 in between; oldest first. */
  readonly evidence: readonly Evidence[];
  readonly baselineRevision: string;
  /** Hashes of the distinct (issuer, client, audiences) presented so far, so that a new one is told from a known one. */
  readonly credentialsSeen?: readonly string[];
};

/** What a person may do to an alert. */
export type Decision =
  | { readonly action: "acknowledge"; readonly untilMs: number | null; readonly reason: string | null }
  | { readonly action: "resolve"; readonly reason: string | null }
  | { readonly action: "dismiss"; readonly reason: string }
  | { readonly action: "reopen"; readonly reason: string | null };

/** What one step of the alert book changed and the store must keep. */
export type AlertChanges = { readonly alerts: readonly Alert[]; readonly audit: readonly AuditRow[] };
