import type Database from "better-sqlite3";
import { allPresented, type CredentialProfile } from "../model/credential.ts";
import { stableHash } from "../model/stable-hash.ts";
import type { ObservedCredential, SeenShape } from "../model/store.ts";
import { toIso } from "./row-values.ts";

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

/** The families of credentials among shapes, companions included, with who presented them to whom; who is unknown is no presenter. */
export function observedCredentials(shapes: readonly SeenShape[]): readonly ObservedCredential[] {
  const families = new Map<string, Family>();
  for (const seen of shapes) {
    for (const profile of allPresented(seen.shape.credential)) addTo(families, profile, seen);
  }
  return [...families.values()].map(toRow).sort(byFamily);
}

type Family = {
  readonly environment: string;
  readonly profile: CredentialProfile;
  readonly presenters: Set<string>;
  readonly recipients: Set<string>;
  count: number;
  firstSeenMs: number;
  lastSeenMs: number;
};

function addTo(families: Map<string, Family>, profile: CredentialProfile, seen: SeenShape): void {
  const { environment, type, caller, callee } = seen.shape;
  const key = stableHash([environment, JSON.stringify(factsOf(profile))]);
  const none = { count: 0, firstSeenMs: Number.POSITIVE_INFINITY, lastSeenMs: Number.NEGATIVE_INFINITY };
  const family = families.get(key) ?? { environment, profile, presenters: new Set(), recipients: new Set(), ...none };
  families.set(key, family);
  if (type !== "unattributed") family.presenters.add(caller.name);
  family.recipients.add(callee.name);
  family.count += seen.count;
  family.firstSeenMs = Math.min(family.firstSeenMs, seen.firstSeenMs);
  family.lastSeenMs = Math.max(family.lastSeenMs, seen.lastSeenMs);
}

/** What is the same for all of a family; whether it was verified, and what came beside it, is not. */
function factsOf({ isVerified, possession, companions, actors, audiences, ...facts }: CredentialProfile) {
  return { ...facts, audiences: audiences ?? [] };
}

function toRow({ environment, profile, presenters, recipients, ...family }: Family): ObservedCredential {
  return {
    environment,
    ...factsOf(profile),
    presenters: [...presenters].sort(),
    recipients: [...recipients].sort(),
    count: family.count,
    firstSeen: toIso(family.firstSeenMs),
    lastSeen: toIso(family.lastSeenMs),
  };
}

/** Where nothing is known comes before what is. */
function byFamily(one: ObservedCredential, other: ObservedCredential): number {
  const [left, right] = [one, other].map((row) => {
    return [row.environment, row.issuer ?? "", row.client ?? "", JSON.stringify(row.audiences), JSON.stringify(row)];
  });
  const at = left?.findIndex((text, index) => text !== right?.[index]) ?? -1;
  return (left?.[at] ?? "") < (right?.[at] ?? "") ? -1 : 1;
}
