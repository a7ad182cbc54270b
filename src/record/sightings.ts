import type Database from "better-sqlite3";
import { type Reuse, reuseKey, type TelemetrySighting, telemetryKey } from "../model/facts.ts";
import { toWholeMs } from "./row-values.ts";

/** Keeps what was used twice, each once with its latest example; counts add up. */
export function reuseWriter(db: Database.Database): (reuse: Reuse) => void {
  const keep = writerOf(db, "reuse", "reuse");
  return (reuse) => keep(reuseKey(reuse), reuse);
}

/** Reads what was used twice last, at most so many, the latest at the end; counts are those of all times. */
export function reuseReader(db: Database.Database): (countMax: number) => readonly Reuse[] {
  return readerOf<Reuse>(db, "reuse", "reuse");
}

/** Keeps what was seen of the telemetry itself, likewise. */
export function telemetryWriter(db: Database.Database): (sighting: TelemetrySighting) => void {
  const keep = writerOf(db, "telemetry_sighting", "sighting");
  return (sighting) => keep(telemetryKey(sighting), sighting);
}

/** Reads what was seen of the telemetry itself, likewise; of senders as many again, for all telemetry tells of them. */
export function telemetryReader(db: Database.Database): (countMax: number) => readonly TelemetrySighting[] {
  const isSender = "json_extract(sighting, '$.kind') = 'sender'";
  const odd = readerOf<TelemetrySighting>(db, "telemetry_sighting", "sighting", `NOT ${isSender}`);
  const senders = readerOf<TelemetrySighting>(db, "telemetry_sighting", "sighting", isSender);
  return (countMax) => [...odd(countMax), ...senders(countMax)];
}

type Counted = { readonly count: number; readonly seenMs: number };

function writerOf(db: Database.Database, table: string, column: string): (key: string, fact: Counted) => void {
  const keep = db.prepare<[string, number, number, string]>(`
    INSERT INTO ${table} (key, seen_ms, count, ${column}) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      seen_ms = MAX(seen_ms, excluded.seen_ms), count = count + excluded.count, ${column} = excluded.${column}`);
  return (key, fact) => void keep.run(key, toWholeMs(fact.seenMs), fact.count, JSON.stringify(fact));
}

function readerOf<Fact>(
  db: Database.Database,
  table: string,
  column: string,
  condition = "TRUE",
): (countMax: number) => readonly Fact[] {
  const select = db.prepare<[number], { readonly fact: string; readonly count: number }>(
    `SELECT ${column} AS fact, count FROM ${table} WHERE ${condition} ORDER BY seen_ms DESC, key LIMIT ?`,
  );
  return (countMax) =>
    select
      .all(countMax)
      .reverse()
      .map(({ fact, count }) => ({ ...(JSON.parse(fact) as Fact), count }));
}
