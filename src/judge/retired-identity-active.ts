import type { IdentityDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { retirementOf } from "./calendar.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { presentedIdentity } from "./presented-identity.ts";

/** A credential of an identity that was retired, its grace over as well, is still presented. */
export function retiredIdentityActive(hop: JudgedHop): readonly Finding[] {
  const { shape, context } = hop;
  return context.owners.presented(shape.credential, shape.peer).flatMap((identity) => retired(identity, hop));
}

function retired(identity: IdentityDeclaration, hop: JudgedHop): readonly Finding[] {
  const { context } = hop;
  const retirement = retirementOf(identity, context.baseline);
  if (retirement === null || context.atMs < retirement.sinceMs) return [];
  const { name, position, retired: day } = identity;
  const { who, ...presented } = presentedIdentity(identity, hop);
  return [
    createFinding({
      rule: "retired-identity-active",
      ...presented,
      ...(context.atMs < retirement.deadMs ? IN_FLIGHT : {}),
      summary: `${who} presented ${name} to ${hop.callee.name}, which was retired on ${day}`,
      decidedBy: { position, says: `identities.${name}.retired is ${day}` },
      sinceMs: retirement.sinceMs,
    }),
  ];
}

/** A token that was given out in time works to its end, if nobody revokes it. */
const IN_FLIGHT: Pick<Draft, "startingAt"> = {
  startingAt: { severity: "high", because: "High at first: its last tokens may not have expired yet." },
};
