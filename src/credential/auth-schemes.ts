import type { CredentialFormat, CredentialProfile, CredentialRole } from "../model/credential.ts";

/** What follows a scheme: a token, `Basic` credentials, a static key, or a proof that differs on every request. */
export type SchemeKind = "token" | "basic" | "key" | "signature";

type KnownScheme = { readonly scheme: string; readonly kind: SchemeKind };

/**
 * The schemes of the IANA registry (RFC 9110 section 16.4.1) and those that are common without being in it.
 * Only what stands here is ever shown as a scheme: an unknown first word may itself be a secret.
 */
const KNOWN: ReadonlyMap<string, KnownScheme> = new Map<string, KnownScheme>([
  ...list("token", ["bearer", "dpop", "gnap", "jwt", "raw-jwt", "token", "privatetoken"]),
  ...list("basic", ["basic"]),
  ...list("key", ["apikey", "api-key", "api_key", "key", "x-api-key", "geniekey", "ssws", "splunk", "bot"]),
  ...list("signature", ["aws4-hmac-sha256", "aws4-ecdsa-p256-sha256", "aws", "sharedkey", "sharedkeylite", "hawk"]),
  ...list("signature", ["digest", "hoba", "mutual", "negotiate", "ntlm", "oauth", "scram-sha-1", "scram-sha-256"]),
  ...list("signature", ["concealed", "signature", "vapid"]),
]);

function list(kind: SchemeKind, schemes: readonly string[]): [string, KnownScheme][] {
  return schemes.map((scheme) => [scheme, { scheme, kind }]);
}

/** The scheme in lower case where it is a known one, else `""`. Never a part of the header, which it would keep alive. */
export function knownScheme(word: string): string {
  return KNOWN.get(word.toLowerCase())?.scheme ?? "";
}

/** What follows this scheme; without a known scheme, a token. */
export function schemeKind(scheme: string): SchemeKind {
  return KNOWN.get(scheme)?.kind ?? "token";
}

/** The format that a scheme implies; null where it leaves it open. */
export function schemeFormat(scheme: string): CredentialFormat | null {
  const kind = schemeKind(scheme);
  return kind === "token" ? null : kind;
}

/** What an authorization header carries unless the credential says otherwise. */
export function defaultRole(format: CredentialFormat): CredentialRole {
  if (format === "key") return "api_key";
  return format === "basic" || format === "signature" ? "unknown" : "access_token";
}

/** True where the secret may be guessable, so that a bare digest of it gives it away. */
export function isLowEntropy(profile: Pick<CredentialProfile, "scheme" | "format" | "role">): boolean {
  const kind = schemeKind(profile.scheme);
  return kind === "basic" || kind === "key" || isGuessable(profile.format) || isStaticRole(profile.role);
}

function isGuessable(format: CredentialFormat): boolean {
  return format === "basic" || format === "key";
}

function isStaticRole(role: CredentialRole): boolean {
  return role === "api_key" || role === "session";
}
