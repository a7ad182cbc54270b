import type { CredentialProfile } from "../model/credential.ts";
import type { Glob } from "../model/glob.ts";
import { knownAudiences } from "./credential-family.ts";
import { issuerProfile } from "./issuer-profile.ts";
import type { JudgeContext } from "./judge-context.ts";

/**
 * The audiences of a token as the baseline spells them: the issuer's dialect is undone. Null where they are not
 * known or the issuer gives none by design; empty where the token should have some and has none.
 */
export function audiencesOf(credential: CredentialProfile | null, context: JudgeContext): readonly string[] | null {
  const audiences = knownAudiences(credential);
  if (credential === null || audiences === null) return null;
  const profile = issuerProfile(credential.issuer, context);
  if (audiences.length === 0 && profile?.audienceClaim === "none") return null;
  if (audiences.length === 0 && profile?.audienceClaim === "client_id") {
    return credential.client === null ? null : [credential.client];
  }
  const spelled = audiences.map((audience) => profile?.audienceAliases.get(audience) ?? audience);
  return [...new Set(withoutUserInfo(spelled, credential.issuer))];
}

/** True where one of the patterns means the audience, in whichever of the issuer's spellings it is written. */
export function namesAudience(
  patterns: readonly Glob[],
  audience: string,
  { issuer }: CredentialProfile,
  context: JudgeContext,
): boolean {
  const aliases = [...(issuerProfile(issuer, context)?.audienceAliases ?? [])];
  const spellings = [audience, ...aliases.flatMap(([spelling, declared]) => (declared === audience ? [spelling] : []))];
  return patterns.some((pattern) => spellings.some((spelling) => pattern.matches(spelling)));
}

/** Identity providers add their own user-info endpoint to what a client asked for; it opens nobody else's door. */
function withoutUserInfo(audiences: readonly string[], issuer: string | null): readonly string[] {
  const others = audiences.filter((audience) => issuer === null || audience !== `${issuer}/userinfo`);
  return others.length === 0 ? audiences : others;
}
