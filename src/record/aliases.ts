import type Database from "better-sqlite3";
import { type AliasSighting, createAddressBook } from "../model/alias.ts";
import type { ObservedAlias, TimeRange } from "../model/store.ts";
import { toIso, toWholeMs } from "./row-values.ts";

/** Adds up which services answered for which addresses. What is taken back leaves first and last seen alone. */
export function aliasWriter(db: Database.Database): (sighting: AliasSighting) => void {
  const add = db.prepare(`
    INSERT INTO alias (environment, address, service, count, first_seen_ms, last_seen_ms)
    VALUES (@environment, @address, @service, @count, @firstSeenMs, @lastSeenMs)
    ON CONFLICT DO UPDATE SET
      count = count + excluded.count,
      first_seen_ms = IIF(excluded.count > 0, MIN(first_seen_ms, excluded.first_seen_ms), first_seen_ms),
      last_seen_ms = IIF(excluded.count > 0, MAX(last_seen_ms, excluded.last_seen_ms), last_seen_ms)`);
  return (sighting) => {
    const firstSeenMs = toWholeMs(sighting.firstSeenMs);
    add.run({ ...sighting, firstSeenMs, lastSeenMs: toWholeMs(sighting.lastSeenMs) });
  };
}

/** Reads the sums. */
export function aliasReader(db: Database.Database): () => readonly AliasSighting[] {
  const select = db.prepare<[], AliasSighting>(`
    SELECT environment, address, service, count, first_seen_ms AS firstSeenMs, last_seen_ms AS lastSeenMs
    FROM alias
    WHERE count > 0
    ORDER BY environment, address, service`);
  return () => select.all();
}

/** What the addresses that were seen in a range mean now, in the order of the sightings. */
export function observedAliases(sightings: readonly AliasSighting[], range: TimeRange): readonly ObservedAlias[] {
  const fromMs = range.fromMs ?? Number.NEGATIVE_INFINITY;
  const toMs = range.toMs ?? Number.POSITIVE_INFINITY;
  return [...createAddressBook(sightings).values()].flatMap((entries) => {
    const [first] = entries;
    const firstSeenMs = Math.min(...entries.map((entry) => entry.firstSeenMs));
    const lastSeenMs = Math.max(...entries.map((entry) => entry.lastSeenMs));
    if (first === undefined || lastSeenMs < fromMs || firstSeenMs > toMs) return [];
    const { environment, address } = first;
    const meaning = entries.length === 1 ? "alias" : "gateway-candidate";
    const services = entries.map(({ service }) => service);
    const count = entries.reduce((sum, entry) => sum + entry.count, 0);
    return [
      { environment, address, meaning, services, count, firstSeen: toIso(firstSeenMs), lastSeen: toIso(lastSeenMs) },
    ];
  });
}
