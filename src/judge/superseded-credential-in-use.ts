import type { IdentityDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { retirementOf } from "./calendar.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { presentedIdentity } from "./presented-identity.ts";

/** A credential is presented whose successor has been in use for longer than the two may overlap (`grace`). */
export function supersededCredentialInUse(hop: JudgedHop): readonly Finding[] {
  const { shape, context } = hop;
  return context.owners.presented(shape.credential, shape.peer).flatMap((identity) => superseded(identity, hop));
}

function superseded(identity: IdentityDeclaration, hop: JudgedHop): readonly Finding[] {
  const { context } = hop;
  const firstMs = context.successors.firstSeenMs(identity);
  const retirement = retirementOf(identity, context.baseline);
  // Of a retired one there is worse to say.
  if (firstMs === null || (retirement !== null && context.atMs >= retirement.sinceMs)) return [];
  const { name, successor, position } = identity;
  const { who, ...presented } = presentedIdentity(identity, hop);
  return [
    createFinding({
      rule: "superseded-credential-in-use",
      ...presented,
      summary: `${who} still presents ${name} to ${hop.callee.name}, though ${successor} has taken its place`,
      decidedBy: { position, says: `identities.${name}.successor is ${successor}` },
      sinceMs: firstMs + identity.graceMs,
    }),
  ];
}
