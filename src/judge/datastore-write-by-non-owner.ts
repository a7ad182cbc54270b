import type { DatastoreDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { hasEnded } from "./calendar.ts";
import { createFinding } from "./create-finding.ts";
import { datastoreAccess } from "./datastore-access.ts";
import { exceptionExpired } from "./exception-expired.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isNamedBy } from "./party.ts";

/**
 * A service writes to a datastore that another one owns. Only `shared` on the datastore excuses it, until its last day;
 * to be among the `readers`, or to declare the use, does not.
 */
export function datastoreWriteByNonOwner(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape, context } = hop;
  if (callee.kind !== "datastore" || !datastoreAccess(shape.operation).isWrite) return [];
  const [first] = callee.declarations;
  const mayBeOwn = callee.declarations.some(({ service }) => service === null || service === caller.name);
  if (first === undefined || mayBeOwn) return [];
  const shared = callee.declarations.flatMap(({ shared: sharing }) => sharing ?? []);
  if (shared.some(({ expires }) => !hasEnded(expires, context.atMs))) return [];
  const finding = writeOf(hop, first);
  const [ended] = shared;
  if (ended === undefined || ended.expires === null) return [finding];
  const { position, expires } = ended;
  return [exceptionExpired(finding, { id: `datastores.${first.name}.shared`, position, expires })];
}

function writeOf({ caller, callee, subject, confidence }: JudgedHop, datastore: DatastoreDeclaration): Finding {
  const { name, service, readers, position } = datastore;
  const isReader = readers.some((glob) => isNamedBy(glob, caller));
  return createFinding({
    rule: "datastore-write-by-non-owner",
    subject,
    keyFields: [caller.name, callee.name],
    summary: `${caller.name} writes to the datastore ${callee.name}, which ${service} owns`,
    decidedBy: {
      position,
      says: isReader ? `datastores.${name}.readers lets it read only` : `datastores.${name}.service is ${service}`,
    },
    confidence,
    about: { datastore: callee.name },
  });
}
