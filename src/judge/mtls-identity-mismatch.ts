import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { type Party, serviceDeclaration } from "./party.ts";
import { hasIdentity, isComparableWith, isSharedWith, ownersOf } from "./peer-names.ts";

/** The caller's spans bear the name of one service, and the certificate that the callee saw that of another. */
export function mtlsIdentityMismatch(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape } = hop;
  const { peer } = shape;
  if (peer === null || caller.kind !== "service" || shape.type === "logical") return [];
  if (!isSomebodyElse(hop, peer.id)) return [];
  const declaration = serviceDeclaration(caller);
  return [
    createFinding({
      rule: "mtls-identity-mismatch",
      subject: hop.subject,
      keyFields: [peer.id, caller.name],
      summary: `${callee.name} was called by ${peer.id}, by spans that say ${caller.name}`,
      decidedBy: declaration && {
        position: declaration.position,
        says: `services.${caller.name}.identity does not name ${peer.id}`,
      },
      about: { identity: peer.id },
      confidence: hop.confidence,
    }),
  ];
}

/** A caller without declared identities is known to be somebody else only where another service's name is shown. */
function isSomebodyElse({ caller, callee, context }: JudgedHop, id: string): boolean {
  if (isSharedWith(id, caller.spellings, context.baseline)) return false;
  const owners = ownersOf(id, context.baseline);
  if (owners.some(({ traits }) => traits.has("proxy") || traits.has("gateway"))) return false;
  const declaration = serviceDeclaration(caller);
  if (declaration !== null && isComparableWith(declaration, id)) return !hasIdentity(declaration, id);
  // A sidecar of the callee's own stands in front of it.
  return owners.length > 0 && !owners.some((owner) => isSameService(owner.name, callee));
}

function isSameService(name: string, party: Party): boolean {
  return party.name === name;
}
