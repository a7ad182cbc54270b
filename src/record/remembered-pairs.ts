import { deserialize, serialize } from "node:v8";
import type Database from "better-sqlite3";
import type { RememberedPairs } from "../model/memory.ts";

/** Appends the pairs of one commit, as one row: with a token a request there are thousands. */
export function pairsWriter(db: Database.Database): (pairs: RememberedPairs) => void {
  const append = db.prepare<[number, Buffer]>("INSERT INTO remembered_pairs (generation_ms, pairs) VALUES (?, ?)");
  return (pairs) => void append.run(pairs.generationMs, serialize(pairs));
}

/** Reads the pairs of the newest generation, in the order of the commits. */
export function pairsReader(db: Database.Database): () => Iterable<RememberedPairs> {
  const select = db
    .prepare<[], Buffer>(`
      SELECT pairs FROM remembered_pairs
      WHERE generation_ms = (SELECT MAX(generation_ms) FROM remembered_pairs) ORDER BY position`)
    .pluck();
  return function* () {
    for (const pairs of select.iterate()) yield deserialize(pairs) as RememberedPairs;
  };
}
