import type { CredentialFormat, CredentialProfile, CredentialRole, CredentialSlot } from "../model/credential.ts";
import { defaultRole, knownScheme, type SchemeKind, schemeKind } from "./auth-schemes.ts";
import { bareProfile, NAMELESS, type NamedReading, readingOf } from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import { type Jwt, readJwt } from "./read-jwt.ts";
import { readSignedRequest } from "./read-signed-request.ts";
import { roundLifetime } from "./round-lifetime.ts";

/** Where a value stood: its slot, and the header, parameter or cookie where the slot leaves a choice. */
export type Carrier = { readonly slot: CredentialSlot; readonly carrier: string | null };

const HEADER_CHARACTERS_MAX = 16 * 1024;
/** Fewer are no token but the rest of one. */
const TOKEN_CHARACTERS_MIN = 8;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const SCHEME_AND_REST = /^([A-Za-z][\w-]{0,31})(?:[ \t]+|$)/;
/** The lengths, in hex, of MD5, SHA-1, SHA-256 and SHA-512: a pipeline hashed the header, in a way of its own. */
const HEX_DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;
/** Vendors give out keys of this form: taken for a digest, none of them would ever be known again. */
const HEX_KEY = /^[0-9a-f]{32}$/i;
/** What attribute length limits are set to: a value of just that length that cannot be checked may have been cut. */
const USUAL_LIMITS: ReadonlySet<number> = new Set([128, 256, 512, 1024, 2048, 4096, 8192]);
/** Their values are given out for a time, so they are no static keys. */
const PASSING_KEYS: ReadonlySet<string> = new Set(["x-auth-token", "x-vault-token", "x-consul-token"]);

/** What a slot's credential is where it does not say itself. */
const ROLES: Readonly<Record<CredentialSlot, CredentialRole>> = {
  authorization: "access_token",
  txn_token: "transaction",
  workload_identity: "workload_identity",
  api_key: "api_key",
  cloud_session: "unknown",
  iap_assertion: "access_token",
  session_cookie: "session",
  query: "access_token",
  proxy: "unknown",
  proof: "proof",
};

/** A header's value in two: the scheme where it is a known one, and what follows the first word. */
type SplitHeader = Carrier & {
  readonly scheme: string;
  readonly hasWord: boolean;
  readonly credential: string;
  readonly isAtLimit: boolean;
};

/** What the value of a header (RFC 9110 section 11.6.2), parameter or cookie that carries a credential says. Never throws. */
export function readHeader(value: string, carrier: Carrier, fingerprinter: Fingerprinter): NamedReading {
  const header = split(value.trim(), carrier);
  if (value.length > HEADER_CHARACTERS_MAX) return bareReading(header, "unparsable");
  if (isPlaceholder(header.credential)) return bareReading(header, "placeholder");
  if (carrier.carrier === "signature") return signature(header);
  const kind = kindOf(header);
  if (kind === "signature") return readSignature(header, fingerprinter);
  if (header.credential.includes(",")) return bareReading(header, "ambiguous");
  if (!VISIBLE_ASCII.test(header.credential)) return bareReading(header, "unparsable");
  return kind === "token" ? readToken(header, fingerprinter) : readSecret(header, kind, fingerprinter);
}

/** A lone word is a scheme where it is a known one, else a credential without a scheme. */
function split(text: string, carrier: Carrier): SplitHeader {
  const match = SCHEME_AND_REST.exec(text);
  const word = match?.[1] ?? "";
  const scheme = knownScheme(word);
  const isAtLimit = USUAL_LIMITS.has(text.length);
  if (match === null || (scheme === "" && word === text)) {
    return { ...carrier, scheme: "", hasWord: false, credential: text, isAtLimit };
  }
  return { ...carrier, scheme, hasWord: true, credential: text.slice(match[0].length), isAtLimit };
}

/** Without a scheme the slot decides; a key that is a JWT is one all the same. */
function kindOf({ slot, scheme, credential }: SplitHeader): SchemeKind {
  if (scheme !== "" || slot !== "api_key") return schemeKind(scheme);
  return credential.startsWith("eyJ") ? "token" : "key";
}

function bareReading({ slot, carrier, scheme }: SplitHeader, quality: CredentialProfile["quality"]): NamedReading {
  return readingOf({ ...bareProfile(slot, quality, scheme), carrier });
}

/** Handshakes and request signatures differ on every request; a signature of AWS names a key, which does not. */
function readSignature(header: SplitHeader, fingerprinter: Fingerprinter): NamedReading {
  const { profile, ...rest } = signature(header);
  const signed = readSignedRequest(header.credential);
  if (signed === null) return { profile, ...rest };
  const { accessKeyId, ...facts } = signed;
  return { ...rest, profile: { ...profile, ...facts }, fingerprint: fingerprinter.ofSecret("aws", accessKeyId) };
}

function signature(header: SplitHeader): NamedReading {
  const { profile, ...rest } = bareReading(header, "full");
  const role = header.slot === "proof" ? "proof" : "unknown";
  return { ...rest, profile: { ...profile, format: "signature", role } };
}

function readSecret(header: SplitHeader, kind: "basic" | "key", fingerprinter: Fingerprinter): NamedReading {
  const { credential, slot, carrier } = header;
  if (!header.hasWord && HEX_DIGEST.test(credential) && !HEX_KEY.test(credential)) {
    return bareReading(header, "foreign-digest");
  }
  const { profile, ...rest } = bareReading(header, "full");
  const role = slot === "authorization" || slot === "proxy" ? defaultRole(kind) : ROLES[slot];
  const isExpiring = carrier !== null && PASSING_KEYS.has(carrier) ? null : false;
  return {
    ...{ ...rest, profile: { ...profile, format: kind, role, isExpiring } },
    fingerprint: fingerprinter.ofSecret(kind, credential),
  };
}

function readToken(header: SplitHeader, fingerprinter: Fingerprinter): NamedReading {
  const { credential: token, slot } = header;
  if (!header.hasWord && slot !== "query" && HEX_DIGEST.test(token)) return bareReading(header, "foreign-digest");
  if (token.endsWith("...")) return bareReading(header, "truncated");
  const jwt = readJwt(token, ROLES[slot]);
  if (jwt !== null) return readingOfJwt(header, jwt, fingerprinter);
  if (token.length < TOKEN_CHARACTERS_MIN) return bareReading(header, "unparsable");
  if (header.isAtLimit) return bareReading(header, "truncated");
  const { profile, ...rest } = bareReading(header, "full");
  const format: CredentialFormat = "opaque";
  const isExpiring = slot === "cloud_session" ? true : null;
  const digest = fingerprinter.digestOf(token);
  return {
    ...{ ...rest, profile: { ...profile, format, role: ROLES[slot], isExpiring } },
    ...{ digest, fingerprint: fingerprinter.ofDigest(digest) },
  };
}

/** A proof differs on every request: it has no fingerprint, and what it is for stands in it, but for whom does not. */
function readingOfJwt(header: SplitHeader, jwt: Jwt, fingerprinter: Fingerprinter): NamedReading {
  const { claims, proof } = jwt;
  const isProof = jwt.role === "proof";
  const digest = jwt.quality === "full" && !isProof ? fingerprinter.digestOf(header.credential) : null;
  return {
    ...bareReading(header, "full"),
    profile: profileOfJwt(header, jwt),
    fingerprint: digest === null ? null : fingerprinter.ofDigest(digest),
    expiresAtS: claims?.expiresAtS ?? Number.NaN,
    notBeforeS: claims?.notBeforeS ?? Number.NaN,
    issuedAtS: claims?.issuedAtS ?? Number.NaN,
    digest,
    thumbprint: claims?.thumbprint ?? null,
    proof: isProof ? proof : null,
    names: { ...(isProof ? NAMELESS : (claims?.names ?? NAMELESS)), proof: proof?.name ?? null },
  };
}

function profileOfJwt(header: SplitHeader, jwt: Jwt): CredentialProfile {
  const { role, type, algorithm, claims, quality } = jwt;
  const bare = bareProfile(header.slot, quality, header.hasWord ? header.scheme : schemeless(header));
  const profile = { ...bare, carrier: header.carrier, format: "jwt" as const, role, type, algorithm };
  if (claims === null || role === "proof") return profile;
  const { issuer, audiences, client, scopes, subjectKind, subject, actors, confirmation } = claims;
  const { issuedAtS, expiresAtS } = claims;
  return {
    ...{ ...profile, issuer, audiences, client, scopes, subjectKind, subject, actors, confirmation },
    lifetimeS: roundLifetime(issuedAtS, expiresAtS),
    isExpiring: !Number.isNaN(expiresAtS),
  };
}

/** Only where a scheme belongs is its absence worth a word. */
function schemeless({ slot }: SplitHeader): string {
  return slot === "authorization" || slot === "proxy" ? "raw-jwt" : "";
}
