import type { IdentityDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { retirementOf } from "./calendar.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";

/** A credential of an identity that was retired, its grace over as well, is still presented. */
export function retiredIdentityActive(hop: JudgedHop): readonly Finding[] {
  const { shape, context } = hop;
  return context.owners.presented(shape.credential, shape.peer).flatMap((identity) => retired(identity, hop));
}

function retired(identity: IdentityDeclaration, hop: JudgedHop): readonly Finding[] {
  const { context, subject } = hop;
  const retirement = retirementOf(identity, context.baseline);
  if (retirement === null || context.atMs < retirement.sinceMs) return [];
  const { name, position, retired: day } = identity;
  const presenter = subject.caller?.name ?? "";
  return [
    createFinding({
      rule: "retired-identity-active",
      subject,
      keyFields: [name, presenter],
      ...(context.atMs < retirement.deadMs ? IN_FLIGHT : {}),
      summary: `${presenter === "" ? "an unknown caller" : presenter} presented ${name} to ${hop.callee.name}, which was retired on ${day}`,
      decidedBy: { position, says: `identities.${name}.retired is ${day}` },
      confidence: hop.shape.peer === null ? hop.credentialConfidence : hop.confidence,
      about: { identity: name },
      sinceMs: retirement.sinceMs,
    }),
  ];
}

/** A token that was given out in time works to its end, if nobody revokes it. */
const IN_FLIGHT: Pick<Draft, "startingAt"> = {
  startingAt: { severity: "high", because: "High at first: its last tokens may not have expired yet." },
};
