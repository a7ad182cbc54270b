import type Database from "better-sqlite3";
import { type Relay, relayKey } from "../model/facts.ts";
import { toWholeMs } from "./row-values.ts";

/** Keeps relays, each once, with an example that is at most an hour older than the latest. */
export function relayWriter(db: Database.Database): (relay: Relay) => void {
  const keep = db.prepare<[string, number, string]>(`
    INSERT INTO relay (key, seen_ms, relay) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET seen_ms = excluded.seen_ms, relay = excluded.relay
    WHERE excluded.seen_ms >= seen_ms + 3600000`);
  return (relay) => void keep.run(relayKey(relay), toWholeMs(relay.seenMs), JSON.stringify(relay));
}

/** Reads the relays that were seen last, at most so many, the latest at the end; none of their hops count again. */
export function relayReader(db: Database.Database): (countMax: number) => readonly Relay[] {
  const select = db.prepare<[number], string>("SELECT relay FROM relay ORDER BY seen_ms DESC, key LIMIT ?").pluck();
  return (countMax) =>
    select
      .all(countMax)
      .reverse()
      .map((relay) => ({ ...(JSON.parse(relay) as Relay), count: 0 }));
}
