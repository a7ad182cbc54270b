import {
  type CredentialProfile,
  type CredentialSlot,
  type PeerIdentity,
  UNKNOWN_CREDENTIAL,
} from "../model/credential.ts";

/** An attribute value as it may stand on a span; a list for header values and audiences. */
export type CredentialValue = string | number | boolean | readonly string[];

/** A keyed hash of what should be unique, or of whom a token is about: a `CREDENTIAL_ID` and four words. */
export type CredentialIdentifier = { readonly kind: number; readonly words: Uint32Array };

/** What one span says about one credential presented on it: facts only, never the credential. */
export type CredentialFacts = {
  /** The same object for equal profiles. */
  readonly profile: CredentialProfile;
  /** Four big-endian words (128 bits); null where presentations cannot be told apart. Not to be written to. */
  readonly fingerprint: Uint32Array | null;
  /** `exp`, `nbf` and `iat` in seconds since 1970; NaN where unknown. */
  readonly expiresAtS: number;
  readonly notBeforeS: number;
  readonly issuedAtS: number;
  readonly ids: readonly CredentialIdentifier[];
};

/** All that one span says: its credentials, the one that says most first, and who the far end is. */
export type SpanCredentials = {
  /** None where only the far end is known, at most two. */
  readonly rows: readonly CredentialFacts[];
  readonly peer: PeerIdentity | null;
  /** Attributes that hold a raw credential and should not. */
  readonly leaks: readonly string[];
};

/** What a proof of possession says (RFC 9449 section 4.2, WIMSE proof tokens). */
export type Proof = {
  /** RFC 7638 thumbprint of the key that signed it; null where the proof does not hold it. */
  readonly keyThumbprint: string | null;
  /** SHA-256 of the access token and of the workload identity token that it was made for. */
  readonly accessTokenHash: string | null;
  readonly workloadTokenHash: string | null;
};

/** The facts of one credential, and what is needed to compare it with the others on its span. */
export type Reading = CredentialFacts & {
  /** SHA-256 of the token in base64url, as proofs name it; null for what is no token. */
  readonly digest: string | null;
  /** The key or certificate that the token is bound to, as RFC 7638 and RFC 8705 spell it. */
  readonly thumbprint: string | null;
  readonly proof: Proof | null;
};

/** Names that are only ever kept as keyed hashes. */
export type Names = {
  readonly tokenId: string | null;
  /** What tells one subject from another, and whose word it is. */
  readonly subject: readonly string[] | null;
  readonly transaction: string | null;
  /** A proof's own id, with the key that it is unique for. */
  readonly proof: readonly string[] | null;
  /** The uid of the pod that the token is bound to, which is no secret. */
  readonly pod: Uint32Array | null;
};

/** No names at all. */
export const NAMELESS: Names = { tokenId: null, subject: null, transaction: null, proof: null, pod: null };

/** A reading whose names have not been hashed yet: it lives no longer than its span is read. */
export type NamedReading = Reading & { readonly names: Names };

/** The profile of a credential of which nothing is known but how well it was seen. */
export function bareProfile(
  slot: CredentialSlot,
  quality: CredentialProfile["quality"],
  scheme = "",
): CredentialProfile {
  return { ...UNKNOWN_CREDENTIAL, slot, scheme, quality };
}

/** A reading that consists of a profile alone: no fingerprint, no times, no names. */
export function readingOf(profile: CredentialProfile): NamedReading {
  return {
    profile,
    fingerprint: null,
    expiresAtS: Number.NaN,
    notBeforeS: Number.NaN,
    issuedAtS: Number.NaN,
    ids: [],
    digest: null,
    thumbprint: null,
    proof: null,
    names: NAMELESS,
  };
}
