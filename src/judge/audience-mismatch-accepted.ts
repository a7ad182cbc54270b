import type { CredentialProfile, CredentialRole } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { addressedTo } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf, meantFor } from "./credential-family.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";
import { audiencesOf } from "./token-audiences.ts";

/** Their audience is a trust domain, not a service. */
const ADDRESSED_TO_A_DOMAIN: ReadonlySet<CredentialRole> = new Set(["transaction", "workload_identity"]);

/** The callee took a token that, by what the callee declares in `accepts`, is addressed to somebody else. */
export function audienceMismatchAccepted(hop: JudgedHop): readonly Finding[] {
  // Neither a refusal nor a success: the token may have been taken before something else went wrong.
  const verdict = acceptance(hop);
  if (verdict === null) return [];
  const others = tokensOn(hop).filter((token) => {
    return !ADDRESSED_TO_A_DOMAIN.has(token.role) && addressedTo(hop.callee, token, hop.context) === "others";
  });
  return eachOf(others, (credential) => [describe(hop, credential, verdict)]);
}

function describe(hop: JudgedHop, credential: CredentialProfile, verdict: "violation" | "suspicious"): Finding {
  const { callee, context } = hop;
  const declaration = serviceDeclaration(callee);
  const audiences = audiencesOf(credential, context) ?? [];
  return createFinding({
    rule: "audience-mismatch-accepted",
    subject: subjectOf(hop, credential),
    keyFields: [callee.name, ...familyOf(credential), [...audiences].sort()],
    verdict,
    summary: `${hop.subject.caller?.name ?? "an unseen caller"} called ${callee.name} with ${meantFor(audiences)}`,
    decidedBy: declaration && {
      position: declaration.acceptsPosition ?? declaration.position,
      says: `services.${callee.name}.accepts has no entry for this issuer and these audiences`,
    },
    confidence: hop.credentialConfidence,
  });
}
