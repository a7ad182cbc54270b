import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import Database from "better-sqlite3";
import { findSecretsInFile } from "./find-secrets.ts";

/** The files beside and below a database, by name. */
export function filesIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => statSync(join(folder, name)).isFile());
}

/** Which secrets stand in which file of a folder, in its bytes or in what a database keeps compressed. */
export function searchFolder(folder: string): readonly string[] {
  return filesIn(folder).flatMap((name) => {
    const file = join(folder, name);
    const unpacked = name.endsWith(".db") ? unpackJournal(file) : [];
    return [readFileSync(file), ...unpacked].flatMap(findSecretsInFile).map((what) => `${name}: ${what}`);
  });
}

/** The batches of a journal, as they were before Zstandard hid what they hold. */
export function unpackJournal(file: string): readonly Uint8Array[] {
  const db = new Database(file, { readonly: true });
  try {
    const rows = db.prepare("SELECT batch FROM journal WHERE batch IS NOT NULL").pluck().all() as Buffer[];
    return rows.map((row) => zstdDecompressSync(row));
  } finally {
    db.close();
  }
}
