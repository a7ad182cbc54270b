import type Database from "better-sqlite3";
import { type Exchange, exchangeKey, type Relay, relayKey } from "../model/facts.ts";
import { toWholeMs } from "./row-values.ts";

/** Keeps relays, each once, with an example that is at most an hour older than the latest. */
export function relayWriter(db: Database.Database): (relay: Relay) => void {
  const keep = writerOf(db, "relay");
  return (relay) => keep(relayKey(relay), relay);
}

/** Reads the relays that were seen last, at most so many, the latest at the end; none of their hops count again. */
export function relayReader(db: Database.Database): (countMax: number) => readonly Relay[] {
  return readerOf<Relay>(db, "relay");
}

/** Keeps exchanges likewise. */
export function exchangeWriter(db: Database.Database): (exchange: Exchange) => void {
  const keep = writerOf(db, "exchange");
  return (exchange) => keep(exchangeKey(exchange), exchange);
}

/** Reads exchanges likewise. */
export function exchangeReader(db: Database.Database): (countMax: number) => readonly Exchange[] {
  return readerOf<Exchange>(db, "exchange");
}

type Table = "relay" | "exchange";

/** They are told with every commit in which they happen, so most are not written. */
function writerOf(db: Database.Database, table: Table): (key: string, fact: { readonly seenMs: number }) => void {
  const keep = db.prepare<[string, number, string]>(`
    INSERT INTO ${table} (key, seen_ms, ${table}) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET seen_ms = excluded.seen_ms, ${table} = excluded.${table}
    WHERE excluded.seen_ms >= seen_ms + 3600000`);
  return (key, fact) => void keep.run(key, toWholeMs(fact.seenMs), JSON.stringify(fact));
}

function readerOf<Fact>(db: Database.Database, table: Table): (countMax: number) => readonly Fact[] {
  const select = db
    .prepare<[number], string>(`SELECT ${table} FROM ${table} ORDER BY seen_ms DESC, key LIMIT ?`)
    .pluck();
  return (countMax) =>
    select
      .all(countMax)
      .reverse()
      .map((fact) => ({ ...(JSON.parse(fact) as Fact), count: 0 }));
}
