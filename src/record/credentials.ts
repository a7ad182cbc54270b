import type Database from "better-sqlite3";
import { type AddressBook, aliasedService } from "../model/alias.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { NodeKind } from "../model/graph.ts";
import { stableHash } from "../model/stable-hash.ts";
import type { ObservedCredential, TimeRange } from "../model/store.ts";
import { hoursOf } from "./hours.ts";
import { parseDistinctNames, toIso } from "./row-values.ts";
import { FIRST_SEEN, LAST_SEEN } from "./shape-counts.ts";

/** Keeps credential profiles, each once, and returns the key that other tables refer to it by. */
export function credentialWriter(db: Database.Database): (profile: CredentialProfile) => string {
  const insert = db.prepare(`
    INSERT INTO credential (key, slot, scheme, format, role, quality, issuer, client, audiences, is_verified, profile)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`);
  return (profile) => {
    const { slot, scheme, format, role, quality, issuer, client, isVerified } = profile;
    const audiences = profile.audiences === null ? null : JSON.stringify(profile.audiences);
    const facts = [slot, scheme, format, role, quality, issuer, client, audiences, Number(isVerified)];
    const text = JSON.stringify(profile);
    const key = stableHash([text]);
    insert.run(key, ...facts, text);
    return key;
  };
}

type Row = Omit<ObservedCredential, "audiences" | "presenters" | "recipients" | "firstSeen" | "lastSeen"> & {
  readonly audiences: string;
  readonly presenters: string;
  /** JSON array of arrays of kind and name. */
  readonly recipients: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
};

/** Reads the families of credentials with who presented them to whom; who is unknown is not a presenter. */
export function credentialReader(
  db: Database.Database,
): (range: TimeRange, book: AddressBook) => readonly ObservedCredential[] {
  const select = db.prepare<[number, number], Row>(`
    WITH counted AS (
      SELECT shape_key, SUM(count) FILTER (WHERE hour BETWEEN ? AND ?) AS total,
        MIN(first_seen_ms) AS first_seen_ms, MAX(last_seen_ms) AS last_seen_ms
      FROM shape_count
      GROUP BY shape_key
      HAVING total > 0
    )
    SELECT shape.environment, slot, scheme, format, role, quality, issuer, client,
      COALESCE(audiences, '[]') AS audiences,
      JSON_GROUP_ARRAY(DISTINCT caller) FILTER (WHERE type <> 'unattributed') AS presenters,
      JSON_GROUP_ARRAY(DISTINCT JSON_ARRAY(callee_kind, callee)) AS recipients,
      SUM(total) AS count, MIN(${FIRST_SEEN}) AS firstSeenMs, MAX(${LAST_SEEN}) AS lastSeenMs
    FROM counted
    JOIN shape ON shape.key = shape_key
    JOIN credential ON credential.key = credential_key
    GROUP BY shape.environment, slot, scheme, format, role, quality, issuer, client, COALESCE(audiences, '[]')
    ORDER BY shape.environment, issuer, client, 9, slot, scheme, format, role, quality`);
  return (range, book) =>
    select.all(...hoursOf(range)).map(({ firstSeenMs, lastSeenMs, ...row }) => ({
      ...row,
      audiences: JSON.parse(row.audiences) as readonly string[],
      presenters: parseDistinctNames(row.presenters),
      recipients: recipientsOf(row, book),
      firstSeen: toIso(firstSeenMs),
      lastSeen: toIso(lastSeenMs),
    }));
}

type Named = Pick<Row, "environment" | "recipients">;

/** An address that is another name of a service is that service. */
function recipientsOf({ environment, recipients }: Named, book: AddressBook): readonly string[] {
  const nodes = JSON.parse(recipients) as readonly (readonly [NodeKind, string])[];
  const names = nodes.map(([kind, name]) => aliasedService(book, environment, { kind, name }) ?? name);
  return [...new Set(names)].sort();
}
