import type { CredentialRole } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { addressedTo } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf, meantFor } from "./credential-family.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/** Their audience is a trust domain, not a service. */
const ADDRESSED_TO_A_DOMAIN: ReadonlySet<CredentialRole> = new Set(["transaction", "workload_identity"]);

/** The callee took a token that, by what the callee declares in `accepts`, is addressed to somebody else. */
export function audienceMismatchAccepted(hop: JudgedHop): readonly Finding[] {
  const { callee, shape, context } = hop;
  const { credential, outcome } = shape;
  if (credential === null || outcome === "refused" || ADDRESSED_TO_A_DOMAIN.has(credential.role)) return [];
  if (addressedTo(callee, credential, context) !== "others") return [];
  const declaration = serviceDeclaration(callee);
  const token = meantFor(credential.audiences ?? []);
  return [
    createFinding({
      rule: "audience-mismatch-accepted",
      subject: hop.subject,
      keyFields: [callee.name, ...familyOf(credential), [...(credential.audiences ?? [])].sort()],
      // Neither a refusal nor a success: the token may have been taken before something else went wrong.
      verdict: outcome === "ok" ? "violation" : "suspicious",
      summary: `${hop.subject.caller?.name ?? "an unseen caller"} called ${callee.name} with ${token}`,
      decidedBy: declaration && {
        position: declaration.acceptsPosition ?? declaration.position,
        says: `services.${callee.name}.accepts has no entry for this issuer and these audiences`,
      },
      confidence: hop.credentialConfidence,
    }),
  ];
}
