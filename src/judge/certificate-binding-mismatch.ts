import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, presentedOn, subjectOf } from "./presented-tokens.ts";

/** The callee accepted a token that is bound to one certificate over a connection with another (RFC 8705 section 3). */
export function certificateBindingMismatch(hop: JudgedHop): readonly Finding[] {
  const verdict = acceptance(hop);
  if (verdict === null) return [];
  const foreign = presentedOn(hop).filter(({ confirmation, possession }) => {
    return confirmation === "x5t#S256" && possession === "mismatched";
  });
  return eachOf(foreign, (credential) => [
    createFinding({
      rule: "certificate-binding-mismatch",
      subject: subjectOf(hop, credential),
      keyFields: [hop.callee.name, ...familyOf(credential)],
      verdict,
      summary: `${callerName(hop)} called ${hop.callee.name} with a token that is bound to another certificate`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ]);
}
