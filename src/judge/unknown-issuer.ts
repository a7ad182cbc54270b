import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { isPublicOperation } from "./acceptance.ts";
import { acceptsIssuer } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import { issuerProfile } from "./issuer-profile.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";

/** A token names an issuer that the callee does not declare to accept. */
export function unknownIssuer(hop: JudgedHop): readonly Finding[] {
  const { callee } = hop;
  const declaration = serviceDeclaration(callee);
  // Where no token at all is accepted, that is what there is to say.
  if (declaration?.accepts == null || declaration.accepts.length === 0 || isPublicOperation(hop)) return [];
  return eachOf(tokensOn(hop), (credential) => {
    const { issuer } = credential;
    if (issuer === null || isExpected(hop, credential, issuer)) return [];
    return [
      createFinding({
        rule: "unknown-issuer",
        subject: subjectOf(hop, credential),
        keyFields: [hop.caller.name, callee.name, issuer],
        summary: `${callerName(hop)} called ${callee.name} with a token of ${issuer}, which it does not accept`,
        decidedBy: {
          position: declaration.acceptsPosition ?? declaration.position,
          says: `services.${callee.name}.accepts has no entry for ${issuer}`,
        },
        about: { issuer },
        confidence: hop.credentialConfidence,
      }),
    ];
  });
}

/** Transaction and workload tokens come beside others, from issuers of the whole estate. */
function isExpected({ callee, context }: JudgedHop, { role }: CredentialProfile, issuer: string): boolean {
  if (acceptsIssuer(callee, issuer, context)) return true;
  const isOfEstate = role === "transaction" || role === "workload_identity";
  return isOfEstate && issuerProfile(issuer, context) !== null;
}
