import type { Finding } from "../model/finding.ts";
import { createFinding, withoutCall } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import type { Party } from "./party.ts";

/** Each side that is a service and that no baseline names, once: the finding is the same whatever the hop. */
export function unknownService({ caller, callee, subject, confidence }: JudgedHop): readonly Finding[] {
  return [caller, callee].filter(isUnknown).map((service) =>
    createFinding({
      rule: "unknown-service",
      subject: withoutCall(subject.environment, { callee: service }),
      keyFields: [service.name],
      summary: `${service.name} is in use, and no baseline names it`,
      decidedBy: null,
      confidence: service === caller ? "high" : confidence,
    }),
  );
}

/** Names in parentheses are buckets of the collector's own, such as `(unresolved)`; no one could declare them. */
function isUnknown(party: Party): boolean {
  return party.kind === "service" && party.declaration === null && !party.name.startsWith("(");
}
