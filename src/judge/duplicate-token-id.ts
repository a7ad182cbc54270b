import type { Finding } from "../model/finding.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import type { JudgedReuse } from "./judged-reuse.ts";

/** Two different tokens bear one id of one issuer: one of them was made, or made anew, by somebody else. */
export function duplicateTokenId({ fact, subject, who }: JudgedReuse): readonly Finding[] {
  if (fact.kind !== "token-id") return [];
  const { credential } = fact;
  return [
    createFinding({
      rule: "duplicate-token-id",
      subject,
      keyFields: [...familyOf(credential), subject.caller?.name ?? ""],
      ...weigh(credential.algorithm),
      summary: `${who} presented to ${subject.callee.name} a token whose id another token bears as well`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}

/** Some signatures differ each time: an issuer that hands out one token twice then makes two. */
function weigh(algorithm: string | null): Pick<Draft, "startingAt"> {
  if (algorithm === null || !/^(?:ES|PS)/u.test(algorithm)) return {};
  const because = `Medium at first: an issuer that signs one token twice with ${algorithm} makes two.`;
  return { startingAt: { severity: "medium", because } };
}
