import { allPresented, type CredentialProfile, type CredentialSlot } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import type { Subject } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";

/** Of a proxy on the way or beside a token: they speak for nobody where something else does. */
const BESIDE: ReadonlySet<CredentialSlot> = new Set(["iap_assertion", "proxy"]);

/** All that was presented by whoever called; what is known to be absent was not. */
export function presentedOn({ shape }: Pick<JudgedHop, "shape">): readonly CredentialProfile[] {
  return allPresented(shape.credential).filter(({ quality }) => quality !== "absent");
}

/**
 * The tokens by which the caller asks to be let in: JWTs and opaque ones whose facts are known. Proofs, and what proxies
 * put beside the caller's own credential, are none.
 */
export function tokensOn(hop: Pick<JudgedHop, "shape">): readonly CredentialProfile[] {
  return presentedOn(hop).filter((presented) => {
    if (!isToken(presented) || !hasFacts(presented) || presented.slot === "proof") return false;
    return presented === hop.shape.credential || !BESIDE.has(presented.slot);
  });
}

/** True for what an issuer made, to be shown to others. */
export function isToken({ format }: CredentialProfile): boolean {
  return format === "jwt" || format === "opaque";
}

/** True where the facts are the token's; a digest of unknown origin cannot be compared, but the facts beside it stand. */
export function hasFacts({ quality }: CredentialProfile): boolean {
  return quality === "full" || quality === "foreign-digest";
}

/** Whom and what a finding on one of several credentials is about. */
export function subjectOf({ subject }: JudgedHop, credential: CredentialProfile): Subject {
  return { ...subject, credential };
}

/** What a rule says of each credential; two that amount to one alert say it once. */
export function eachOf(
  credentials: readonly CredentialProfile[],
  judge: (credential: CredentialProfile) => readonly Finding[],
): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const finding of credentials.flatMap(judge)) {
    const key = JSON.stringify(finding.keyFields);
    if (!found.has(key)) found.set(key, finding);
  }
  return [...found.values()];
}
