import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { familyOf, knownAudiences } from "./credential-family.ts";
import { callerName } from "./declares-authentication.ts";
import { issuerProfile } from "./issuer-profile.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";

/** A declared service took a JWT that names no audience, and so is good for whoever gets it. */
export function audienceMissing(hop: JudgedHop): readonly Finding[] {
  const verdict = acceptance(hop);
  // Where the callee takes no token at all, this one is told as such.
  if (verdict === null || serviceDeclaration(hop.callee)?.accepts?.length === 0) return [];
  const unaddressed = tokensOn(hop).filter((token) => shouldNameAudience(token) && knownAudiences(token)?.length === 0);
  return eachOf(unaddressed, (credential) => [
    createFinding({
      rule: "audience-missing",
      subject: subjectOf(hop, credential),
      keyFields: [hop.callee.name, ...familyOf(credential)],
      ...weigh(hop, credential, verdict),
      summary: `${hop.callee.name} accepted a token without an audience from ${callerName(hop)}`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ]);
}

/** A WIMSE identity token has none: the proof beside it says for whom the request is. */
function shouldNameAudience({ role, slot, type }: CredentialProfile): boolean {
  if (role === "access_token") return true;
  return role === "workload_identity" && slot !== "workload_identity" && type !== "wit+jwt";
}

function weigh(
  { callee, context }: JudgedHop,
  { issuer }: CredentialProfile,
  verdict: "violation" | "suspicious",
): Pick<Draft, "verdict" | "startingAt"> {
  const isByDesign = (issuerProfile(issuer, context)?.audienceClaim ?? "aud") !== "aud";
  if (isByDesign) {
    const because = "Info at first: the issuer gives no audiences, as its audienceClaim says.";
    return { verdict: "insufficient-evidence", startingAt: { severity: "info", because } };
  }
  return { verdict: serviceDeclaration(callee)?.accepts ? verdict : "insufficient-evidence" };
}
