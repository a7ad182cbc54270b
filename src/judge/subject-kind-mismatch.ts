import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { entriesFor } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";

const KIND = { user: "a person's token", service: "a workload's token" } as const;

/** The callee took a person's token where it takes workloads' only, or the other way round. */
export function subjectKindMismatch(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, context } = hop;
  const verdict = acceptance(hop);
  if (verdict === null) return [];
  return eachOf(tokensOn(hop), (credential) => {
    const { subjectKind } = credential;
    const entries = subjectKind === null ? [] : entriesFor(callee, credential, context);
    const [first] = entries;
    if (subjectKind === null || first === undefined) return [];
    if (entries.some(({ subjects }) => subjects === null || subjects.includes(subjectKind))) return [];
    return [
      createFinding({
        rule: "subject-kind-mismatch",
        subject: subjectOf(hop, credential),
        keyFields: [caller.name, callee.name, subjectKind],
        verdict,
        summary: `${callee.name} accepted ${KIND[subjectKind]} from ${callerName(hop)}`,
        decidedBy: {
          position: first.position,
          says: `services.${callee.name}.accepts does not take ${KIND[subjectKind]}`,
        },
        confidence: hop.credentialConfidence,
      }),
    ];
  });
}
