import { existsSync, statSync } from "node:fs";
import Database from "better-sqlite3";

/** What a database holds, in numbers. */
export type StoredTotals = {
  readonly spans: number;
  readonly services: number;
  readonly nodes: number;
  readonly shapes: number;
  readonly alerts: number;
  readonly mib: number;
};

const TOTALS = `SELECT
  (SELECT COALESCE(SUM(spans), 0) FROM service_count) AS spans,
  (SELECT COUNT(*) FROM service) AS services,
  (SELECT COUNT(*) FROM (SELECT caller_kind, caller FROM shape UNION SELECT callee_kind, callee FROM shape)) AS nodes,
  (SELECT COUNT(*) FROM shape) AS shapes,
  (SELECT COUNT(*) FROM alert) AS alerts`;

/** Counts rows; the collector may be running. */
export function readStoredTotals(dbFile: string): StoredTotals {
  const db = new Database(dbFile, { readonly: true });
  try {
    return { ...(db.prepare(TOTALS).get() as Omit<StoredTotals, "mib">), mib: sizeMib(dbFile) };
  } finally {
    db.close();
  }
}

/** The database's size with what is not yet moved out of its log. */
export function sizeMib(dbFile: string): number {
  const files = [dbFile, `${dbFile}-wal`].filter((file) => existsSync(file));
  return files.reduce((sum, file) => sum + statSync(file).size, 0) / 2 ** 20;
}
