import type { Finding } from "../model/finding.ts";
import { startOfDay } from "./calendar.ts";
import { createFinding } from "./create-finding.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { type Party, serviceDeclaration } from "./party.ts";

/** A service that was retired calls or is called. What was seen before that day is no finding, even when told later. */
export function retiredServiceActive(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape, context } = hop;
  if (isProbe(context, shape.operation)) return [];
  const sides = caller.name === callee.name ? [callee] : [caller, callee];
  return sides.flatMap((party) => retired(party, hop));
}

function retired(party: Party, { caller, subject, confidence, context }: JudgedHop): readonly Finding[] {
  const lifecycle = serviceDeclaration(party)?.lifecycle;
  // Without its day no baseline is read.
  if (lifecycle?.state !== "retired" || lifecycle.since === null) return [];
  const sinceMs = startOfDay(lifecycle.since);
  if (context.atMs < sinceMs) return [];
  return [
    createFinding({
      rule: "retired-service-active",
      subject,
      keyFields: [party.name],
      summary: `${party.name} was retired on ${lifecycle.since}, and ${party === caller ? "still calls" : "is still called"}`,
      decidedBy: { position: lifecycle.position, says: `services.${party.name}.lifecycle.state is retired` },
      confidence,
      about: { service: party.name },
      sinceMs,
    }),
  ];
}
