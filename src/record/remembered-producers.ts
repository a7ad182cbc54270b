import { deserialize, serialize } from "node:v8";
import type Database from "better-sqlite3";
import type { RememberedProducers } from "../model/memory.ts";

/** Appends the producers of one commit, as one row: there may be thousands. */
export function producersWriter(db: Database.Database): (producers: RememberedProducers) => void {
  const append = db.prepare<[number, Buffer]>("INSERT INTO remembered_producers (until_ms, producers) VALUES (?, ?)");
  return (producers) => void append.run(producers.atMs.at(-1) ?? 0, serialize(producers));
}

/** Reads what was appended with producers of this collector time or later, in the order of the commits. */
export function producersReader(db: Database.Database): (fromMs: number) => Iterable<RememberedProducers> {
  const select = db
    .prepare<[number], Buffer>("SELECT producers FROM remembered_producers WHERE until_ms >= ? ORDER BY position")
    .pluck();
  return function* (fromMs) {
    for (const producers of select.iterate(fromMs)) yield deserialize(producers) as RememberedProducers;
  };
}
