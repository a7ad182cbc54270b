import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../model/credential.ts";

/** An attribute value as it may stand on a span; a list for header values and audiences. */
export type CredentialValue = string | number | boolean | readonly string[];

/** What one span says about the credential presented on it: facts only, never the credential. */
export type CredentialFacts = {
  /** The same object for equal profiles. */
  readonly profile: CredentialProfile;
  /** Four big-endian words (128 bits); null where presentations cannot be told apart. Not to be written to. */
  readonly fingerprint: Uint32Array | null;
  /** `exp`, `nbf` and `iat` in seconds since 1970; NaN where unknown. */
  readonly expiresAtS: number;
  readonly notBeforeS: number;
  readonly issuedAtS: number;
};

/** The profile of a credential of which nothing is known but how well it was seen. */
export function bareProfile(quality: CredentialProfile["quality"], scheme = ""): CredentialProfile {
  return { ...UNKNOWN_CREDENTIAL, scheme, quality };
}

/** Facts that consist of a profile alone: no fingerprint, no times. */
export function factsOf(profile: CredentialProfile): CredentialFacts {
  return { profile, fingerprint: null, expiresAtS: Number.NaN, notBeforeS: Number.NaN, issuedAtS: Number.NaN };
}
