import { CREDENTIAL_SLOTS, type CredentialProfile, type CredentialSlot } from "../model/credential.ts";
import { CREDENTIAL_ID } from "../model/span-batch.ts";
import type { CredentialFacts, CredentialIdentifier, Reading } from "./credential-facts.ts";
import { provePossession, type Shown } from "./prove-possession.ts";

const COMPANIONS_MAX = 8;
/** Which of several comparable credentials gets the second row: static keys, then the slots from here on. */
const COMPARED: readonly CredentialSlot[] = [
  "txn_token",
  "workload_identity",
  "api_key",
  "cloud_session",
  "iap_assertion",
  "authorization",
  "query",
  "session_cookie",
  "proxy",
];
const ABSENT_RANK = 2;

/**
 * All credentials of one span as its rows: the one that says most with the others as its companions, and a second one
 * where another can be compared as well.
 */
export function composeCredentials(shown: Shown): readonly CredentialFacts[] {
  const readings = [...shown.readings].sort(byWorth);
  const [main, ...rest] = readings.map((reading) => withPossession(reading, shown));
  if (main === undefined) return [];
  const others = rest.filter(({ profile }) => profile.quality !== "absent");
  const companions = others.slice(0, COMPANIONS_MAX).map(({ profile }) => profile);
  const second = others.filter(({ fingerprint }) => fingerprint !== null).sort(byComparison)[0] ?? null;
  const strays = others.filter((one) => one !== second).flatMap(({ ids }) => ids.filter(isOfRequest));
  const first = rowOf(main, { ...main.profile, companions: companions.sort(bySlot) }, [...main.ids, ...strays]);
  return second === null ? [first] : [first, rowOf(second, second.profile, second.ids)];
}

/** A usable one before one that was masked, that before an explicit absence; a proof is nothing by itself. */
function byWorth(a: Reading, b: Reading): number {
  return worth(a) - worth(b) || bySlot(a.profile, b.profile);
}

function worth({ profile: { quality, slot } }: Reading): number {
  if (quality === "absent") return ABSENT_RANK;
  return quality === "full" && slot !== "proof" ? 0 : 1;
}

function bySlot(a: CredentialProfile, b: CredentialProfile): number {
  return CREDENTIAL_SLOTS.indexOf(a.slot) - CREDENTIAL_SLOTS.indexOf(b.slot);
}

function byComparison(a: Reading, b: Reading): number {
  return comparisonRank(a) - comparisonRank(b);
}

function comparisonRank({ profile: { format, keyId, slot } }: Reading): number {
  const isStatic = format === "key" || format === "basic" || keyId !== null;
  return isStatic ? -1 : COMPARED.indexOf(slot);
}

function withPossession(reading: Reading, shown: Shown): Reading {
  const possession = provePossession(reading, shown);
  return possession === null ? reading : { ...reading, profile: { ...reading.profile, possession } };
}

/** Transactions and proofs belong to the request, whichever of its credentials gets the row. */
function isOfRequest({ kind }: CredentialIdentifier): boolean {
  return kind === CREDENTIAL_ID.transaction || kind === CREDENTIAL_ID.proof;
}

function rowOf(reading: Reading, profile: CredentialProfile, ids: CredentialFacts["ids"]): CredentialFacts {
  const { fingerprint, expiresAtS, notBeforeS, issuedAtS } = reading;
  return { profile, fingerprint, expiresAtS, notBeforeS, issuedAtS, ids };
}
