import type Database from "better-sqlite3";
import { type Identity, type IdentityUse, identityKey } from "../model/identity.ts";
import { toWholeMs } from "./row-values.ts";

/** Keeps when identities were used last and how long they have paused, a row each. */
export function identityUseWriter(db: Database.Database): (use: IdentityUse) => void {
  const keep = db.prepare<[string, string, string, number, number]>(`
    INSERT INTO identity_use (environment, key, identity, last_ms, longest_pause_ms) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      last_ms = MAX(last_ms, excluded.last_ms), longest_pause_ms = MAX(longest_pause_ms, excluded.longest_pause_ms)`);
  return ({ environment, identity, lastMs, longestPauseMs }) => {
    const of = [environment, identityKey(identity), JSON.stringify(identity)] as const;
    keep.run(...of, toWholeMs(lastMs), toWholeMs(longestPauseMs));
  };
}

type Row = Pick<IdentityUse, "environment" | "lastMs" | "longestPauseMs"> & { readonly identity: string };

/** Reads all of them. */
export function identityUseReader(db: Database.Database): () => readonly IdentityUse[] {
  const select = db.prepare<[], Row>(
    "SELECT environment, identity, last_ms AS lastMs, longest_pause_ms AS longestPauseMs FROM identity_use",
  );
  return () => select.all().map((row) => ({ ...row, identity: JSON.parse(row.identity) as Identity }));
}
