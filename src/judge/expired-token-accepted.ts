import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { isWithoutBaseline } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";

/** The callee accepted a token after its expiry. The one rule that needs no baseline. */
export function expiredTokenAccepted(hop: JudgedHop): readonly Finding[] {
  const { callee, shape, context } = hop;
  if (!shape.isExpired || shape.outcome !== "ok") return [];
  if (!isWithoutBaseline(context) && acceptance(hop) === null) return [];
  return [
    createFinding({
      rule: "expired-token-accepted",
      subject: hop.subject,
      keyFields: [callee.name, ...familyOf(shape.credential)],
      summary: `${callee.name} accepted an expired token from ${hop.subject.caller?.name ?? "an unseen caller"}`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ];
}
