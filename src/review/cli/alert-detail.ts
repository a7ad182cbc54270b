import type { Alert, AuditRow } from "../../model/alert.ts";
import type { CredentialProfile } from "../../model/credential.ts";
import type { Finding } from "../../model/finding.ts";
import type { Evidence } from "../../model/graph.ts";
import { type AlertRow, alertRow } from "./alert-row.ts";

/** `alerts show -o json`: the row, why it was raised, what was seen and what was done about it. */
export type AlertDetail = AlertRow & {
  readonly verdict: Finding["verdict"];
  readonly confidence: Finding["confidence"];
  readonly controlHeld: boolean;
  readonly severityReasons: readonly string[];
  readonly credential: (CredentialProfile & { readonly fingerprint: string | null }) | null;
  readonly decidedBy: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly says: string;
  } | null;
  readonly evidence: readonly EvidenceRow[];
  readonly owner: string | null;
  readonly statusReason: string | null;
  readonly assignee: string | null;
  readonly acknowledgedUntil: string | null;
  readonly isRegression: boolean;
  readonly waysOut: Finding["waysOut"];
  readonly baselineRevision: string;
  readonly audit: readonly AuditLine[];
};

type EvidenceRow = Omit<Evidence, "atMs"> & { readonly at: string };
type AuditLine = Omit<AuditRow, "alertId" | "atMs"> & { readonly at: string };

/** An alert as one page shows it. */
export function alertDetail(alert: Alert, audit: readonly AuditRow[]): AlertDetail {
  const { finding } = alert;
  return {
    ...alertRow(alert),
    verdict: finding.verdict,
    confidence: finding.confidence,
    controlHeld: finding.controlHeld,
    severityReasons: finding.severityReasons,
    credential: finding.credential === null ? null : { ...finding.credential, fingerprint: lastFingerprint(alert) },
    decidedBy: finding.decidedBy === null ? null : { ...finding.decidedBy.position, says: finding.decidedBy.says },
    evidence: alert.evidence.map(evidenceRow),
    owner: finding.owner,
    statusReason: alert.statusReason,
    assignee: alert.assignee,
    acknowledgedUntil: alert.acknowledgedUntilMs === null ? null : isoOf(alert.acknowledgedUntilMs),
    isRegression: alert.isRegression,
    waysOut: finding.waysOut,
    baselineRevision: alert.baselineRevision,
    audit: audit.map(({ alertId: _, atMs, ...line }) => ({ at: isoOf(atMs), ...line })),
  };
}

function evidenceRow({ atMs, ...evidence }: Evidence): EvidenceRow {
  return { at: isoOf(atMs), ...evidence, fingerprint: shortFingerprint(evidence.fingerprint) };
}

function lastFingerprint(alert: Alert): string | null {
  return shortFingerprint(alert.evidence.findLast((one) => one.fingerprint !== null)?.fingerprint ?? null);
}

/** Its first 8 characters, past the prefix that all fingerprints of one key share: enough to compare, no more. */
function shortFingerprint(fingerprint: string | null): string | null {
  return fingerprint === null ? null : fingerprint.slice(fingerprint.lastIndexOf(":") + 1).slice(0, 8);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
