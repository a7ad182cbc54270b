import type Database from "better-sqlite3";
import type { BaselineRevision } from "../model/store.ts";
import { toWholeMs } from "./row-values.ts";

/** Keeps a baseline as the latest one; a revision that comes back moves to the end instead of standing there twice. */
export function baselineWriter(db: Database.Database): (loaded: BaselineRevision) => void {
  const replace = db.prepare<[string, number, string]>(
    "INSERT OR REPLACE INTO baseline (revision, loaded_at_ms, files) VALUES (?, ?, ?)",
  );
  return ({ revision, loadedAtMs, files }) => void replace.run(revision, toWholeMs(loadedAtMs), JSON.stringify(files));
}

type Row = Omit<BaselineRevision, "files"> & { readonly files: string };

/** Reads the baseline that was loaded last: by order of loading, since clocks jump. */
export function baselineReader(db: Database.Database): () => BaselineRevision | null {
  const select = db.prepare<[], Row>(
    "SELECT revision, loaded_at_ms AS loadedAtMs, files FROM baseline ORDER BY position DESC LIMIT 1",
  );
  return () => {
    const row = select.get();
    return row === undefined ? null : { ...row, files: JSON.parse(row.files) as BaselineRevision["files"] };
  };
}
