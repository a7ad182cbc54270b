import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { ADDRESS_BUCKET, isMetadataHost } from "./host.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/** A declared service calls a host that is neither ours nor a declared external; one finding a registrable domain. */
export function undeclaredEgress({ caller, callee, subject }: JudgedHop): readonly Finding[] {
  const declaration = serviceDeclaration(caller);
  if (declaration === null || callee.kind !== "external" || callee.declaration !== null) return [];
  // The metadata address has a rule of its own.
  if (isMetadataHost(callee.site)) return [];
  // The bucket of bare addresses also holds private ones, so it is a hint and no proof.
  const isCertain = callee.name !== ADDRESS_BUCKET;
  return [
    createFinding({
      rule: "undeclared-egress",
      subject,
      keyFields: [caller.name, callee.site],
      verdict: isCertain ? "violation" : "suspicious",
      summary: `${caller.name} called ${isCertain ? callee.name : "bare IP addresses"}, which is no declared external`,
      decidedBy: { position: declaration.position, says: `externals has no entry for ${callee.site}` },
      confidence: isCertain ? "medium" : "low",
      about: { host: callee.site },
    }),
  ];
}
