import type { Alert, AlertStatus } from "../../model/alert.ts";
import type { RuleId, Severity } from "../../model/finding.ts";

/** `alerts list -o json`, a row an alert. Times are ISO 8601, UTC. */
export type AlertRow = {
  readonly id: string;
  readonly key: string;
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly status: AlertStatus;
  readonly environment: string;
  readonly caller: string | null;
  readonly callee: string | null;
  readonly operation: string | null;
  readonly audiences: readonly string[];
  readonly summary: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
};

/** An alert as lists show it. */
export function alertRow(alert: Alert): AlertRow {
  const { finding } = alert;
  return {
    id: alert.id,
    key: alert.key,
    rule: finding.rule,
    severity: finding.severity,
    status: alert.status,
    environment: finding.environment,
    caller: finding.caller,
    callee: finding.callee,
    operation: finding.operation,
    audiences: finding.audiences,
    summary: finding.summary,
    count: alert.count,
    firstSeen: new Date(alert.firstSeenMs).toISOString(),
    lastSeen: new Date(alert.lastSeenMs).toISOString(),
  };
}
