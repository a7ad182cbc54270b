import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { datastoreSite } from "./datastore-finder.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/** A declared service uses a datastore for which its `uses` has no entry. */
export function undeclaredDatastore({ caller, callee, subject, confidence }: JudgedHop): readonly Finding[] {
  const declaration = serviceDeclaration(caller);
  if (declaration === null || callee.kind !== "datastore") return [];
  if (callee.declarations.some((datastore) => declaration.uses.has(datastore.name))) return [];
  return [
    createFinding({
      rule: "undeclared-datastore",
      subject,
      keyFields: [caller.name, datastoreSite(callee.name)],
      summary: `${caller.name} uses the datastore ${callee.name}, which it does not declare`,
      decidedBy: {
        position: declaration.position,
        says: `services.${caller.name}.uses has no entry for ${callee.name}`,
      },
      confidence,
      about: { datastore: callee.name },
    }),
  ];
}
