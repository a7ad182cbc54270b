import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName, isOfInterest } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, hasFacts, presentedOn, subjectOf } from "./presented-tokens.ts";

/** A JWT without an end: who gets hold of it once has it for good. */
export function nonExpiringCredential(hop: JudgedHop): readonly Finding[] {
  if (!isOfInterest(hop)) return [];
  return eachOf(presentedOn(hop).filter(isEndless), (credential) => [
    createFinding({
      rule: "non-expiring-credential",
      subject: subjectOf(hop, credential),
      keyFields: [hop.callee.name, ...familyOf(credential)],
      summary: `${callerName(hop)} called ${hop.callee.name} with a token that never expires`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ]);
}

/** A proof is good once, a logout token says something about the past, and a refresh token ends when it is taken back. */
function isEndless(credential: CredentialProfile): boolean {
  const { format, isExpiring, role, slot, type } = credential;
  if (format !== "jwt" || isExpiring !== false || !hasFacts(credential)) return false;
  return role !== "proof" && role !== "refresh_token" && slot !== "proof" && type !== "logout+jwt";
}
