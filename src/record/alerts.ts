import type Database from "better-sqlite3";
import type { Alert, AlertStatus } from "../model/alert.ts";
import { type Finding, SEVERITIES } from "../model/finding.ts";
import type { Evidence } from "../model/graph.ts";
import type { AlertFilter } from "../model/store.ts";
import { toWholeMs } from "./row-values.ts";

/** Keeps alerts, each under its key, as they are now. */
export function alertWriter(db: Database.Database): (alert: Alert) => void {
  const upsert = db.prepare(`
    INSERT INTO alert (
      key, id, rule, severity, environment, caller, callee, owner, status, status_reason, status_since_ms, assignee,
      acknowledged_until_ms, is_regression, first_seen_ms, last_seen_ms, count, baseline_revision, finding, evidence,
      credentials_seen
    ) VALUES (
      @key, @id, @rule, @severity, @environment, @caller, @callee, @owner, @status, @statusReason, @statusSinceMs,
      @assignee, @acknowledgedUntilMs, @isRegression, @firstSeenMs, @lastSeenMs, @count, @baselineRevision,
      @finding, @evidence, @credentialsSeen
    )
    ON CONFLICT (key) DO UPDATE SET
      severity = excluded.severity, caller = excluded.caller, callee = excluded.callee, owner = excluded.owner,
      status = excluded.status, status_reason = excluded.status_reason, status_since_ms = excluded.status_since_ms,
      assignee = excluded.assignee, acknowledged_until_ms = excluded.acknowledged_until_ms,
      is_regression = excluded.is_regression, first_seen_ms = excluded.first_seen_ms,
      last_seen_ms = excluded.last_seen_ms, count = excluded.count, baseline_revision = excluded.baseline_revision,
      finding = excluded.finding, evidence = excluded.evidence, credentials_seen = excluded.credentials_seen`);
  return (alert) => {
    const { rule, environment, caller, callee, owner, severity } = alert.finding;
    upsert.run({
      ...alert,
      ...{ rule, environment, caller, callee, owner },
      severity: SEVERITIES.indexOf(severity),
      statusSinceMs: wholeMsOrNull(alert.statusSinceMs),
      acknowledgedUntilMs: wholeMsOrNull(alert.acknowledgedUntilMs),
      isRegression: Number(alert.isRegression),
      firstSeenMs: toWholeMs(alert.firstSeenMs),
      lastSeenMs: toWholeMs(alert.lastSeenMs),
      finding: JSON.stringify(alert.finding),
      evidence: JSON.stringify(alert.evidence),
      credentialsSeen: alert.credentialsSeen === undefined ? null : JSON.stringify(alert.credentialsSeen),
    });
  };
}

function wholeMsOrNull(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : toWholeMs(ms);
}

type Row = {
  readonly id: string;
  readonly key: string;
  readonly status: AlertStatus;
  readonly statusReason: string | null;
  readonly statusSinceMs: number | null;
  readonly assignee: string | null;
  readonly acknowledgedUntilMs: number | null;
  readonly isRegression: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly count: number;
  readonly baselineRevision: string;
  readonly finding: string;
  readonly evidence: string;
  readonly credentialsSeen: string | null;
};

const COLUMNS = `
  id, key, status, status_reason AS statusReason, status_since_ms AS statusSinceMs, assignee,
  acknowledged_until_ms AS acknowledgedUntilMs, is_regression AS isRegression, first_seen_ms AS firstSeenMs,
  last_seen_ms AS lastSeenMs, count, baseline_revision AS baselineRevision, finding, evidence,
  credentials_seen AS credentialsSeen`;

/** Reads the alerts that pass a filter, newest last-seen first. */
export function alertsReader(db: Database.Database): (filter: AlertFilter) => readonly Alert[] {
  const select = db.prepare<[Record<string, unknown>], Row>(`
    SELECT ${COLUMNS} FROM alert
    WHERE (@statuses IS NULL OR status IN (SELECT value FROM JSON_EACH(@statuses)))
      AND (@rules IS NULL OR rule IN (SELECT value FROM JSON_EACH(@rules)))
      AND severity >= @minSeverity
      AND (@environment IS NULL OR environment = @environment)
      AND (@service IS NULL OR caller = @service OR callee = @service)
      AND (@owner IS NULL OR owner = @owner)
    ORDER BY last_seen_ms DESC, id DESC`);
  return ({ statuses, rules, minSeverity, environment, service, owner }) =>
    select
      .all({
        statuses: statuses === null ? null : JSON.stringify(statuses),
        rules: rules === null ? null : JSON.stringify(rules),
        minSeverity: minSeverity === null ? 0 : SEVERITIES.indexOf(minSeverity),
        ...{ environment, service, owner },
      })
      .map(toAlert);
}

const PREFIX_CHARACTERS_MIN = 4;

/** Reads one alert by its id, its key, or a unique prefix of its id in either case; null when none matches. */
export function alertReader(db: Database.Database): (idOrKey: string) => Alert | null {
  const selectExact = db.prepare<[string, string], Row>(`SELECT ${COLUMNS} FROM alert WHERE id = ? OR key = ?`);
  const selectByPrefix = db.prepare<[{ prefix: string }], Row>(
    `SELECT ${COLUMNS} FROM alert WHERE SUBSTR(id, 1, LENGTH(@prefix)) = @prefix COLLATE NOCASE LIMIT 2`,
  );
  return (idOrKey) => {
    const exact = selectExact.get(idOrKey, idOrKey);
    if (exact !== undefined) return toAlert(exact);
    if (idOrKey.length < PREFIX_CHARACTERS_MIN) return null;
    const [found, another] = selectByPrefix.all({ prefix: idOrKey });
    return found === undefined || another !== undefined ? null : toAlert(found);
  };
}

function toAlert({ credentialsSeen, statusSinceMs, ...row }: Row): Alert {
  return {
    ...row,
    isRegression: row.isRegression === 1,
    finding: JSON.parse(row.finding) as Finding,
    evidence: JSON.parse(row.evidence) as readonly Evidence[],
    ...(statusSinceMs === null ? {} : { statusSinceMs }),
    ...(credentialsSeen === null ? {} : { credentialsSeen: JSON.parse(credentialsSeen) as readonly string[] }),
  };
}
