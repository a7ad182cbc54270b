import type { CredentialFormat, CredentialProfile, CredentialQuality, CredentialRole } from "../model/credential.ts";
import { isTelling } from "../model/scrub-text.ts";
import { defaultRole, isLowEntropy, knownScheme, schemeFormat } from "./auth-schemes.ts";
import { bareProfile, type NamedReading, readingOf } from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import { roleOfType, shortType } from "./infer-role.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import type { OwnFact } from "./own-facts.ts";
import { readIssuer, readScopeList, readSeconds, readText, readTexts, readThumbprint } from "./read-claims.ts";
import type { Carrier } from "./read-header.ts";
import { roundLifetime } from "./round-lifetime.ts";
import { toldNames, toldSubject } from "./told-subject.ts";
import { isUnmasked, type OwnFacts, textOf, toldFlag, unmasked } from "./told-values.ts";

const ROLES: ReadonlySet<string> = new Set<CredentialRole>([
  "access_token",
  "id_token",
  "refresh_token",
  "transaction",
  "workload_identity",
  "client_assertion",
  "proof",
  "api_key",
  "session",
]);
const FORMATS: ReadonlySet<string> = new Set<CredentialFormat>(["jwt", "opaque", "key", "basic", "signature"]);
const LIST_MAX = 64;
const LOCATION = /^[a-z][a-z0-9_.-]{0,63}$/;
const ALGORITHM = /^[A-Za-z0-9+-]{1,24}$/;
/** The public id of an AWS key, or of a key of whoever configured this; nothing long enough to be a secret. */
const KEY_ID = /^[\w.:/-]{1,40}$/;

/** Lays what the application told over what its header shows: told facts win, one by one, where they are usable. */
export function applyOwnFacts(
  own: OwnFacts,
  shown: NamedReading | null,
  carrier: Carrier,
  fingerprinter: Fingerprinter,
): NamedReading {
  if (isAbsent(own, shown)) return readingOf(bareProfile(carrier.slot, "absent"));
  const base = shown ?? readingOf({ ...bareProfile(carrier.slot, "placeholder"), carrier: carrier.carrier });
  const times = {
    expiresAtS: readTime(own.get("expiresAt"), base.expiresAtS),
    notBeforeS: readTime(own.get("notBefore"), base.notBeforeS),
    issuedAtS: readTime(own.get("issuedAt"), base.issuedAtS),
  };
  const described = describe(own, base, times);
  const told = readFingerprint(own, described, fingerprinter);
  const quality = settleQuality(own, told.fingerprint, base);
  const profile = { ...described, quality, role: settleRole(own, described, quality) };
  const thumbprint = readThumbprint(own.get("thumbprint")) ?? base.thumbprint;
  return {
    ...{ ...base, ...times, profile, thumbprint },
    fingerprint: quality === "ambiguous" ? null : (told.fingerprint ?? base.fingerprint),
    digest: told.digest ?? base.digest,
    proof: profile.role === "proof" ? (base.proof ?? toldProof(thumbprint)) : null,
    names: toldNames(own, base.names, { profile, thumbprint }),
  };
}

/** The callee's word that nobody was authenticated counts where nothing else says that something was presented. */
function isAbsent(own: OwnFacts, shown: NamedReading | null): boolean {
  if (toldFlag(own.get("present")) === false) return true;
  return shown === null && textOf(own.get("result")) === "anonymous" && own.size === 1;
}

type Times = Pick<NamedReading, "expiresAtS" | "issuedAtS" | "notBeforeS">;

function describe(own: OwnFacts, { profile: base }: NamedReading, times: Times): CredentialProfile {
  const scheme = knownScheme(textOf(own.get("scheme"))) || base.scheme;
  const format = textOf(own.get("format"));
  const client = readText(unmasked(own.get("client"))) ?? base.client;
  return {
    ...base,
    scheme,
    format: isFormat(format) ? format : (schemeFormat(scheme) ?? base.format),
    role: readRole(own) ?? base.role,
    issuer: readIssuer(unmasked(own.get("issuer"))) ?? base.issuer,
    audiences: readTexts(unmasked(own.get("audiences")))?.slice(0, LIST_MAX) ?? base.audiences,
    client,
    isVerified: toldFlag(own.get("verified")) === true,
    carrier: matching(own, "location", LOCATION)?.toLowerCase() ?? base.carrier,
    type: shortType(own.get("type")) ?? base.type,
    algorithm: matching(own, "algorithm", ALGORITHM) ?? base.algorithm,
    scopes: readScopeList(unmasked(own.get("scopes"))) ?? base.scopes,
    ...toldSubject(own, base, client),
    ...readLifetime(own, base, times),
    confirmation: readConfirmation(own, base),
    keyId: matching(own, "keyId", KEY_ID) ?? base.keyId,
  };
}

function readLifetime(
  own: OwnFacts,
  base: CredentialProfile,
  { issuedAtS, expiresAtS }: Times,
): Pick<CredentialProfile, "lifetimeS" | "isExpiring"> {
  const hasTimes = own.has("expiresAt") || own.has("issuedAt");
  return {
    lifetimeS: hasTimes ? roundLifetime(issuedAtS, expiresAtS) : base.lifetimeS,
    isExpiring: Number.isNaN(expiresAtS) ? base.isExpiring : true,
  };
}

function readConfirmation(own: OwnFacts, base: CredentialProfile): CredentialProfile["confirmation"] {
  const method = textOf(own.get("confirmation"));
  if (method === "none") return null;
  return method === "jkt" || method === "x5t#S256" || method === "jwk" ? method : base.confirmation;
}

/** What is told of a proof is the key that made it. */
function toldProof(keyThumbprint: string | null): NamedReading["proof"] {
  return keyThumbprint === null ? null : { keyThumbprint, accessTokenHash: null, workloadTokenHash: null };
}

/**
 * A bare digest of a guessable secret gives the secret away, so it is refused like one of unknown origin;
 * one of a request's signature would say nothing, and so would a proof's.
 */
function readFingerprint(
  own: OwnFacts,
  profile: CredentialProfile,
  fingerprinter: Fingerprinter,
): Pick<NamedReading, "fingerprint" | "digest"> {
  const text = textOf(own.get("fingerprint"));
  if (profile.format === "signature" || profile.role === "proof") return { fingerprint: null, digest: null };
  const digest = isLowEntropy(profile) ? null : fingerprinter.readToldDigest(text);
  const fingerprint = digest === null ? fingerprinter.ofToldFingerprint(text) : fingerprinter.ofDigest(digest);
  return { fingerprint, digest };
}

/** Two credentials in one header stay two, whatever is told about one of them. */
function settleQuality(own: OwnFacts, told: Uint32Array | null, base: NamedReading): CredentialQuality {
  if (base.profile.quality === "ambiguous") return "ambiguous";
  if (told !== null || base.fingerprint !== null) return "full";
  if (!isPlaceholder(textOf(own.get("fingerprint")))) return "foreign-digest";
  return isDescribed(own) ? "full" : base.profile.quality;
}

/** True where the application told whom the token is from or for, which is worth as much as having seen it. */
function isDescribed(own: OwnFacts): boolean {
  return (["issuer", "audiences", "client", "keyId", "thumbprint"] as const).some((fact) => isUnmasked(own, fact));
}

/** Where nobody named a role, a credential that was seen well has the one its slot is for. */
function settleRole(own: OwnFacts, described: CredentialProfile, quality: CredentialQuality): CredentialRole {
  const isNamed = readRole(own) !== null || described.role !== "unknown" || described.quality === "full";
  return isNamed || quality !== "full" ? described.role : slotRole(described);
}

function slotRole({ slot, format }: CredentialProfile): CredentialRole {
  if (slot === "txn_token") return "transaction";
  if (slot === "workload_identity" || slot === "api_key" || slot === "proof") return slot;
  return slot === "session_cookie" ? "session" : defaultRole(format);
}

function readRole(own: OwnFacts): CredentialRole | null {
  const role = textOf(own.get("role"));
  return isRole(role) ? role : roleOfType(own.get("type"));
}

function isRole(text: string): text is CredentialRole {
  return ROLES.has(text);
}

function isFormat(text: string): text is CredentialFormat {
  return FORMATS.has(text);
}

function matching(own: OwnFacts, fact: OwnFact, pattern: RegExp): string | null {
  const text = textOf(own.get(fact));
  return pattern.test(text) && !isTelling(text) && isUnmasked(own, fact) ? text : null;
}

function readTime(value: unknown, otherwise: number): number {
  const seconds = readSeconds(value);
  return Number.isNaN(seconds) ? otherwise : seconds;
}
