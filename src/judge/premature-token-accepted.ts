import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";

/** A declared callee accepted a token before the time from which it is valid. */
export function prematureTokenAccepted(hop: JudgedHop): readonly Finding[] {
  const { callee, shape } = hop;
  if (!shape.isPremature || acceptance(hop) !== "violation") return [];
  return [
    createFinding({
      rule: "premature-token-accepted",
      subject: hop.subject,
      keyFields: [callee.name, ...familyOf(shape.credential)],
      summary: `${callee.name} accepted a token that is not valid yet from ${callerName(hop)}`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ];
}
