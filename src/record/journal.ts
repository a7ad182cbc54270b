import type Database from "better-sqlite3";
import { DIGESTS_KEPT_MS, type JournalRow } from "../model/store.ts";
import { decodeBatch, encodeBatch } from "./batch-codec.ts";

const FORGET_EVERY_MS = 500;

/** Appends what came in, and now and then forgets rows older than `keptMs`. */
export function journalWriter(db: Database.Database, keptMs: number): (rows: readonly JournalRow[]) => void {
  const append = db.prepare<[number, Buffer | null]>("INSERT INTO journal (at_ms, batch) VALUES (?, ?)");
  const remember = db.prepare<[string, number]>(
    "INSERT INTO request_digest (digest, at_ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms",
  );
  const forget = db.prepare<[number]>("DELETE FROM journal WHERE at_ms < ?");
  const forgetDigests = db.prepare<[number]>("DELETE FROM request_digest WHERE at_ms < ?");
  let forgottenAtMs = Number.NEGATIVE_INFINITY;
  return (rows) => {
    for (const { atMs, batch, digest } of rows) {
      append.run(atMs, batch === null ? null : encodeBatch(batch));
      if (digest !== null) remember.run(digest, atMs);
    }
    const nowMs = rows.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
    if (nowMs < forgottenAtMs + FORGET_EVERY_MS) return;
    // A journal's pages are written over within two windows; zeroing them first would write everything twice.
    db.pragma("secure_delete = FAST");
    forget.run(nowMs - keptMs);
    db.pragma("secure_delete = ON");
    forgetDigests.run(nowMs - DIGESTS_KEPT_MS);
    forgottenAtMs = nowMs;
  };
}

/** Reads rows one at a time: the journal of a busy collector does not fit in memory. */
export function journalReader(db: Database.Database): (fromMs: number) => Iterable<JournalRow> {
  const select = db.prepare<[number], { readonly atMs: number; readonly batch: Buffer | null }>(
    "SELECT at_ms AS atMs, batch FROM journal WHERE at_ms >= ? ORDER BY position",
  );
  return function* (fromMs) {
    for (const { atMs, batch } of select.iterate(fromMs)) {
      yield { atMs, batch: batch === null ? null : decodeBatch(batch), digest: null };
    }
  };
}

/** Reads the time of the newest row; null without any. */
export function journalEndReader(db: Database.Database): () => number | null {
  const select = db.prepare<[], { readonly atMs: number | null }>("SELECT MAX(at_ms) AS atMs FROM journal");
  return () => select.get()?.atMs ?? null;
}

/** Reads the digests of requests taken since, with the time of each. */
export function digestReader(db: Database.Database): (fromMs: number) => ReadonlyMap<string, number> {
  const select = db.prepare<[number], { readonly digest: string; readonly atMs: number }>(
    "SELECT digest, at_ms AS atMs FROM request_digest WHERE at_ms >= ?",
  );
  return (fromMs) => new Map(select.all(fromMs).map(({ digest, atMs }) => [digest, atMs]));
}
