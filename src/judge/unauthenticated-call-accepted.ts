import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { cameWithNothing } from "./observed-absence.ts";
import { serviceDeclaration } from "./party.ts";
import { requiresAuthentication } from "./required-token.ts";

/** The callee accepted a call that showed nothing at all, where the baseline has callers authenticate. */
export function unauthenticatedCallAccepted(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape } = hop;
  if (shape.outcome !== "ok" || serviceDeclaration(callee) === null || !cameWithNothing(hop)) return [];
  const decidedBy = requiresAuthentication(hop);
  if (decidedBy === null) return [];
  return [
    createFinding({
      rule: "unauthenticated-call-accepted",
      subject: hop.subject,
      keyFields: [caller.name, callee.name, shape.operation ?? ""],
      summary: `${callee.name} accepted ${shape.operation ?? "a call"} from ${callerName(hop)}, who showed no credential`,
      decidedBy,
      // Said by the callee, or only concluded from its silence.
      confidence: shape.credential === null ? "medium" : "high",
    }),
  ];
}
