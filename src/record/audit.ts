import type Database from "better-sqlite3";
import type { AuditRow } from "../model/alert.ts";
import { toWholeMs } from "./row-values.ts";

/** Appends to the history of alerts; the table refuses anything else. */
export function auditWriter(db: Database.Database): (row: AuditRow) => void {
  const append = db.prepare(`
    INSERT INTO audit (alert_id, at_ms, actor, action, from_status, to_status, reason)
    VALUES (@alertId, @atMs, @actor, @action, @from, @to, @reason)`);
  return (row) => void append.run({ ...row, atMs: toWholeMs(row.atMs) });
}

/** Reads one alert's history in the order it was written. */
export function auditReader(db: Database.Database): (alertId: string) => readonly AuditRow[] {
  const select = db.prepare<[string], AuditRow>(`
    SELECT alert_id AS alertId, at_ms AS atMs, actor, action, from_status AS "from", to_status AS "to", reason
    FROM audit WHERE alert_id = ? ORDER BY position`);
  return (alertId) => select.all(alertId);
}
