import type Database from "better-sqlite3";
import type { CredentialProfile } from "../model/credential.ts";
import { type Presentation, type PresentationPair, pairKey } from "../model/facts.ts";
import type { NodeKind } from "../model/graph.ts";
import { toWholeMs } from "./row-values.ts";

/** An end in a far century is no reason to keep a fingerprint until then. */
const LIFE_MS_MAX = 366 * 86_400_000;

/** Keeps the credentials worth remembering one by one, and who presented each to whom; what a pair has shown stays. */
export function presentationWriter(
  db: Database.Database,
  keepCredential: (profile: CredentialProfile) => string,
): (presentation: Presentation) => void {
  const keep = db.prepare<[string, string, number | null, number]>(`
    INSERT INTO presentation (fingerprint, credential_key, expires_at_s, ends_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      credential_key = excluded.credential_key,
      expires_at_s = COALESCE(excluded.expires_at_s, expires_at_s),
      ends_ms = MAX(ends_ms, excluded.ends_ms)`);
  const keepPair = pairWriter(db);
  return ({ fingerprint, credential, expiresAtS, seenMs, pairs }) => {
    const endsMs = Math.max(seenMs, Math.min((expiresAtS ?? 0) * 1000, seenMs + LIFE_MS_MAX));
    keep.run(fingerprint, keepCredential(credential), expiresAtS, toWholeMs(endsMs));
    for (const pair of pairs) keepPair(fingerprint, pair);
  };
}

function pairWriter(db: Database.Database): (fingerprint: string, pair: PresentationPair) => void {
  const keep = db.prepare(`
    INSERT INTO presentation_pair (
      fingerprint, environment, presenter, recipient_kind, recipient, first_ms, is_accepted, is_refused, is_relayed,
      is_automated, presenter_runtime, evidence, count
    ) VALUES (
      @fingerprint, @environment, @presenter, @recipientKind, @recipient, @firstMs, @isAccepted, @isRefused, @isRelayed,
      @isAutomated, @presenterRuntime, @evidence, @count
    )
    ON CONFLICT DO UPDATE SET
      first_ms = MIN(first_ms, excluded.first_ms),
      is_accepted = MAX(is_accepted, excluded.is_accepted),
      is_refused = MAX(is_refused, excluded.is_refused),
      is_relayed = MAX(is_relayed, excluded.is_relayed),
      is_automated = MAX(is_automated, excluded.is_automated),
      presenter_runtime = COALESCE(excluded.presenter_runtime, presenter_runtime),
      evidence = excluded.evidence,
      count = count + excluded.count`);
  return (fingerprint, pair) => {
    keep.run({
      fingerprint,
      environment: pair.environment,
      // A presenter that was never seen is "", which no service is called: a key has no nulls.
      presenter: pair.presenter ?? "",
      recipientKind: pair.recipient.kind,
      recipient: pair.recipient.name,
      firstMs: toWholeMs(pair.firstMs),
      isAccepted: Number(pair.isAccepted),
      isRefused: Number(pair.isRefused),
      isRelayed: Number(pair.isRelayed),
      isAutomated: Number(pair.isAutomated),
      presenterRuntime: pair.presenterRuntime,
      evidence: JSON.stringify(pair.evidence),
      count: pair.count,
    });
  };
}

/** Reads how many hops were told of each pair of a fingerprint, by {@link pairKey}. */
export function pairCountReader(db: Database.Database): (fingerprint: string) => ReadonlyMap<string, number> {
  const select = db.prepare<[string], CountRow>(`
    SELECT environment, presenter, recipient_kind AS kind, recipient AS name, count
    FROM presentation_pair WHERE fingerprint = ?`);
  return (fingerprint) =>
    new Map(
      select.all(fingerprint).map(({ environment, presenter, kind, name, count }) => {
        return [
          pairKey({ environment, presenter: presenter === "" ? null : presenter, recipient: { kind, name } }),
          count,
        ];
      }),
    );
}

type CountRow = {
  readonly environment: string;
  readonly presenter: string;
  readonly kind: NodeKind;
  readonly name: string;
  readonly count: number;
};
