import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import type { JudgedReuse } from "./judged-reuse.ts";

/**
 * A token that a platform bound to one pod was accepted after that pod had fallen silent, and not from the pod itself.
 * Where nobody saw who presented it, it may still be a client in the pod that makes no spans.
 */
export function tokenOutlivesWorkload({ fact, subject, who }: JudgedReuse): readonly Finding[] {
  if (fact.kind !== "ended-pod") return [];
  const { credential, presenter, apartMs } = fact;
  const minutes = Math.floor(apartMs / 60_000);
  const owner = credential.subject === null ? "" : ` of ${credential.subject}`;
  return [
    createFinding({
      rule: "token-outlives-workload",
      subject,
      keyFields: [...familyOf(credential), credential.subject ?? "", subject.caller?.name ?? "", subject.callee.name],
      verdict: presenter === null ? "suspicious" : "violation",
      summary: `${who} presented to ${subject.callee.name} a token${owner} whose pod was last heard ${minutes} minutes before`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}
