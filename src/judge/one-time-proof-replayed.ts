import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import type { JudgedReuse } from "./judged-reuse.ts";

/** A proof that is made for one request was presented with a second one. */
export function oneTimeProofReplayed({ fact, subject, who }: JudgedReuse): readonly Finding[] {
  if (fact.kind !== "proof") return [];
  const { outcome, credential } = fact;
  return [
    createFinding({
      rule: "one-time-proof-replayed",
      subject,
      keyFields: [...familyOf(credential), subject.caller?.name ?? "", subject.callee.name],
      verdict: outcome === "ok" || outcome === "refused" ? "violation" : "suspicious",
      summary: `${who} presented to ${subject.callee.name} a proof that had been used before`,
      decidedBy: null,
      confidence: "high",
    }),
  ];
}
