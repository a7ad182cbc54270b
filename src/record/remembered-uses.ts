import { deserialize, serialize } from "node:v8";
import type Database from "better-sqlite3";
import type { RememberedUses } from "../model/memory.ts";

/** Appends the uses of one commit, as one row: with a proof a request there are thousands. */
export function usesWriter(db: Database.Database): (uses: RememberedUses) => void {
  const append = db.prepare<[number, Buffer]>("INSERT INTO remembered_uses (generation_ms, uses) VALUES (?, ?)");
  return (uses) => void append.run(uses.generationMs, serialize(uses));
}

/** Reads the uses of the newest generation, in the order of the commits. */
export function usesReader(db: Database.Database): () => Iterable<RememberedUses> {
  const select = db
    .prepare<[], Buffer>(`
      SELECT uses FROM remembered_uses
      WHERE generation_ms = (SELECT MAX(generation_ms) FROM remembered_uses) ORDER BY position`)
    .pluck();
  return function* () {
    for (const uses of select.iterate()) yield deserialize(uses) as RememberedUses;
  };
}
