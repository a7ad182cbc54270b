import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { wouldShowCredentials } from "./observed-absence.ts";
import { serviceDeclaration } from "./party.ts";
import { isToken, presentedOn } from "./presented-tokens.ts";
import { requiresToken } from "./required-token.ts";

/**
 * The callee accepted a call that showed something else than the token which the baseline requires. Where it showed
 * nothing at all, that is an unauthenticated call.
 */
export function credentialMissing(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape } = hop;
  if (shape.outcome !== "ok" || serviceDeclaration(callee) === null || !showsSomethingElse(hop)) return [];
  const decidedBy = requiresToken(hop);
  if (decidedBy === null) return [];
  return [
    createFinding({
      rule: "credential-missing",
      subject: hop.subject,
      keyFields: [caller.name, callee.name],
      summary: `${callee.name} accepted a call from ${callerName(hop)} without the token that is required`,
      decidedBy,
      confidence: hop.credentialConfidence,
    }),
  ];
}

/** Masked and cut values may be tokens; what only the caller saw, somebody on the way may have added to. */
function showsSomethingElse(hop: JudgedHop): boolean {
  const { shape } = hop;
  const presented = presentedOn(hop);
  if (presented.some((credential) => isToken(credential) || credential.format === "unknown")) return false;
  if (presented.length > 0) return shape.credentialSeenBy === "callee";
  if (shape.peer === null) return false;
  return shape.credentialSeenBy === "callee" || wouldShowCredentials(hop);
}
