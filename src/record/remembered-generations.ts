import { deserialize, serialize } from "node:v8";
import type Database from "better-sqlite3";
import type { RememberedPairs, RememberedUses } from "../model/memory.ts";

/** What the assembler's tables remember, generation by generation: the newest one is all that is known. */
type Remembered = { readonly pairs: RememberedPairs; readonly uses: RememberedUses };

/** Appends what one commit remembers, as one row: with a token, or a proof, a request there are thousands. */
export function generationWriter<Kind extends keyof Remembered>(
  db: Database.Database,
  kind: Kind,
): (remembered: Remembered[Kind]) => void {
  const append = db.prepare<[number, Buffer]>(`INSERT INTO remembered_${kind} (generation_ms, ${kind}) VALUES (?, ?)`);
  return (remembered) => void append.run(remembered.generationMs, serialize(remembered));
}

/** Reads the newest generation, in the order of the commits. */
export function generationReader<Kind extends keyof Remembered>(
  db: Database.Database,
  kind: Kind,
): () => Iterable<Remembered[Kind]> {
  const select = db
    .prepare<[], Buffer>(`
      SELECT ${kind} FROM remembered_${kind}
      WHERE generation_ms = (SELECT MAX(generation_ms) FROM remembered_${kind}) ORDER BY position`)
    .pluck();
  return function* () {
    for (const row of select.iterate()) yield deserialize(row) as Remembered[Kind];
  };
}
