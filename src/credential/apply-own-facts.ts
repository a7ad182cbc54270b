import type { CredentialFormat, CredentialProfile, CredentialQuality, CredentialRole } from "../model/credential.ts";
import { defaultRole, isLowEntropy, knownScheme, schemeFormat } from "./auth-schemes.ts";
import type { OwnFact } from "./credential-attributes.ts";
import { bareProfile, type CredentialFacts, type CredentialValue, factsOf } from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import { roleOfType } from "./infer-role.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import { readAudiences, readIssuer, readSeconds, readText } from "./read-claims.ts";

/** What the application told about the credential, by fact. */
export type OwnFacts = ReadonlyMap<OwnFact, CredentialValue>;

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
const AUDIENCES_MAX = 64;

/** Lays what the application told over what its header shows: told facts win, one by one, where they are usable. */
export function applyOwnFacts(
  own: OwnFacts,
  shown: CredentialFacts | null,
  fingerprinter: Fingerprinter,
): CredentialFacts {
  if (readFlag(own.get("present")) === false) return factsOf(bareProfile("absent"));
  const base = shown ?? factsOf(bareProfile("placeholder"));
  const described = describe(own, base.profile);
  const told = readFingerprint(own, described, fingerprinter);
  const quality = settleQuality(own, told, base);
  return {
    profile: { ...described, quality, role: settleRole(own, described, quality) },
    fingerprint: quality === "ambiguous" ? null : (told ?? base.fingerprint),
    expiresAtS: readTime(own.get("expiresAt"), base.expiresAtS),
    notBeforeS: readTime(own.get("notBefore"), base.notBeforeS),
    issuedAtS: readTime(own.get("issuedAt"), base.issuedAtS),
  };
}

function describe(own: OwnFacts, base: CredentialProfile): CredentialProfile {
  const scheme = knownScheme(textOf(own.get("scheme"))) || base.scheme;
  const format = textOf(own.get("format"));
  const audiences = readAudiences(unmasked(own.get("audiences")));
  return {
    ...base,
    scheme,
    format: isFormat(format) ? format : (schemeFormat(scheme) ?? base.format),
    role: readRole(own) ?? base.role,
    issuer: readIssuer(unmasked(own.get("issuer"))) ?? base.issuer,
    audiences: audiences?.slice(0, AUDIENCES_MAX) ?? base.audiences,
    client: readText(unmasked(own.get("client"))) ?? base.client,
    isVerified: readFlag(own.get("verified")) === true,
  };
}

/**
 * A bare digest of a guessable secret gives the secret away, so it is refused like one of unknown origin;
 * one of a request's signature would say nothing.
 */
function readFingerprint(own: OwnFacts, profile: CredentialProfile, fingerprinter: Fingerprinter): Uint32Array | null {
  const text = textOf(own.get("fingerprint"));
  if (profile.format === "signature") return null;
  return fingerprinter.ofToldFingerprint(text) ?? (isLowEntropy(profile) ? null : fingerprinter.ofToldDigest(text));
}

/** Two credentials in one header stay two, whatever is told about one of them. */
function settleQuality(own: OwnFacts, told: Uint32Array | null, base: CredentialFacts): CredentialQuality {
  if (base.profile.quality === "ambiguous") return "ambiguous";
  if (told !== null || base.fingerprint !== null) return "full";
  if (!isPlaceholder(textOf(own.get("fingerprint")))) return "foreign-digest";
  return isDescribed(own) ? "full" : base.profile.quality;
}

/** True where the application told whom the token is from or for, which is worth as much as having seen it. */
function isDescribed(own: OwnFacts): boolean {
  return (["issuer", "audiences", "client"] as const).some((fact) => unmasked(own.get(fact)) !== undefined);
}

/** Where nobody named a role, a credential that was seen well has the one its slot is for. */
function settleRole(own: OwnFacts, described: CredentialProfile, quality: CredentialQuality): CredentialRole {
  const isNamed = readRole(own) !== null || described.role !== "unknown" || described.quality === "full";
  return isNamed || quality !== "full" ? described.role : defaultRole(described.format);
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

function readTime(value: CredentialValue | undefined, otherwise: number): number {
  const seconds = readSeconds(value);
  return Number.isNaN(seconds) ? otherwise : seconds;
}

function readFlag(value: CredentialValue | undefined): boolean | null {
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : null;
}

function textOf(value: CredentialValue | undefined): string {
  return typeof value === "string" ? value.trim() : "";
}

function unmasked(value: CredentialValue | undefined): CredentialValue | undefined {
  const values = typeof value === "object" ? value : [String(value)];
  return values.some((text) => isPlaceholder(text.trim())) ? undefined : value;
}
