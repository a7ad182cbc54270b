import type { CredentialProfile } from "../model/credential.ts";
import { stableHash } from "../model/stable-hash.ts";

/** Beyond so many, each further credential counts as a new one: more noise, but nothing is absorbed unseen. */
const CREDENTIALS_MAX = 50;

/** A hash of who issued a credential, to whom and for what; null where none of it is known. */
export function credentialIdentity(credential: CredentialProfile | null): string | null {
  if (credential === null) return null;
  const { issuer, client, audiences } = credential;
  return issuer === null && client === null && audiences === null ? null : stableHash([issuer, client, audiences]);
}

/** The credentials seen before with those seen now, each once, as far as they fit. */
export function addCredentials(seen: readonly string[], now: ReadonlySet<string>): readonly string[] {
  return [...new Set([...seen, ...now])].slice(0, CREDENTIALS_MAX);
}
