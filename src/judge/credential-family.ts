import type { CredentialProfile } from "../model/credential.ts";

/** Issuer and OAuth client as alert keys spell them; a credential that does not say is one family of its own. */
export function familyOf(credential: CredentialProfile | null): readonly [issuer: string, client: string] {
  return [credential?.issuer ?? "", credential?.client ?? "undeclared"];
}

/** The audiences of a JWT, or null where they are not known for certain; empty where the token has none. */
export function knownAudiences(credential: CredentialProfile | null): readonly string[] | null {
  if (credential === null || credential.format !== "jwt" || !hasFacts(credential)) return null;
  return credential.audiences;
}

/** True for a token whose fingerprint says "the same one" and that works for whoever holds it. */
export function isComparableBearer({ format, quality }: CredentialProfile): boolean {
  return quality === "full" && (format === "jwt" || format === "opaque");
}

/** How a sentence names the token's audiences. */
export function meantFor(audiences: readonly string[]): string {
  return audiences.length === 0 ? "a token" : `a token meant for ${audiences.join(" and ")}`;
}

/** A digest of unknown origin cannot be compared with ours, but the facts beside it stand. */
function hasFacts({ quality }: CredentialProfile): boolean {
  return quality === "full" || quality === "foreign-digest";
}
