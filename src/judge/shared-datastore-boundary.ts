import type { DatastoreDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { hasEnded } from "./calendar.ts";
import { createFinding } from "./create-finding.ts";
import { datastoreSite } from "./datastore-finder.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isNamedBy, type Party, serviceDeclaration } from "./party.ts";

/** Several declared services use one datastore, and none of them declares `uses`: nobody has said whose data it is. */
export function sharedDatastoreBoundary(hop: JudgedHop): readonly Finding[] {
  const { callee, shape, subject, context } = hop;
  if (callee.kind !== "datastore") return [];
  const parties = [...context.learned.datastores.usersOf(shape)].map((name) =>
    context.names.caller({ kind: "service", name }),
  );
  const users = [...new Map(parties.filter(isSpoken).map((party) => [party.name, party])).values()];
  if (users.length < 2 || users.some(declaresUses) || isDeclaredShared(callee.declarations, users, context)) return [];
  const names = users.map(({ name }) => name).sort();
  return [
    createFinding({
      rule: "shared-datastore-boundary",
      subject,
      keyFields: [datastoreSite(callee.name)],
      summary: `${names.join(" and ")} use the datastore ${callee.name}, and nothing says whose it is`,
      decidedBy: null,
      confidence: "medium",
      about: { datastore: callee.name },
    }),
  ];
}

function isSpoken(party: Party): boolean {
  return serviceDeclaration(party) !== null;
}

function declaresUses(party: Party): boolean {
  return (serviceDeclaration(party)?.uses.size ?? 0) > 0;
}

/** Its entry says that it is shared, or names all but the owner among its readers. */
function isDeclaredShared(
  declarations: readonly DatastoreDeclaration[],
  users: readonly Party[],
  { atMs }: JudgeContext,
): boolean {
  return declarations.some(({ shared, service, readers }) => {
    if (shared !== null && !hasEnded(shared.expires, atMs)) return true;
    return users.every((user) => user.name === service || readers.some((glob) => isNamedBy(glob, user)));
  });
}
