import type { DatastoreUse } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { type DatastoreAccess, datastoreAccess, isCollection } from "./datastore-access.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/** A service writes to a datastore, or touches a collection of it, that its `uses` does not cover. */
export function undeclaredDatastoreAccess(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape } = hop;
  const declaration = serviceDeclaration(caller);
  if (declaration === null || callee.kind !== "datastore") return [];
  const uses = callee.declarations.flatMap(({ name }) => declaration.uses.get(name) ?? []);
  const [use] = uses;
  const access = datastoreAccess(shape.operation);
  if (use === undefined) return [];
  const writes = uses.some((each) => allowsWrite(each, access)) ? [] : [undeclaredWrite(hop, use)];
  const touches = uses.some((each) => allowsCollection(each, access)) ? [] : [undeclaredCollection(hop, use, access)];
  return [...writes, ...touches];
}

function allowsWrite({ access }: DatastoreUse, { isWrite }: DatastoreAccess): boolean {
  return !isWrite || access.includes("write");
}

function allowsCollection({ collections }: DatastoreUse, { collection }: DatastoreAccess): boolean {
  return collections === null || collection === null || collections.some((each) => isCollection(each, collection));
}

function undeclaredWrite({ caller, callee, subject, confidence }: JudgedHop, { position }: DatastoreUse): Finding {
  return createFinding({
    rule: "undeclared-datastore-access",
    subject,
    keyFields: [caller.name, callee.name, "write"],
    summary: `${caller.name} writes to ${callee.name}, which it declares to read only`,
    decidedBy: { position, says: `services.${caller.name}.uses.${callee.name}.access has no write` },
    confidence,
    about: { datastore: callee.name },
  });
}

function undeclaredCollection(hop: JudgedHop, { position }: DatastoreUse, { collection }: DatastoreAccess): Finding {
  const { caller, callee, subject, confidence } = hop;
  return createFinding({
    rule: "undeclared-datastore-access",
    subject,
    keyFields: [caller.name, callee.name, `collection ${collection}`],
    summary: `${caller.name} uses ${collection} of ${callee.name}, which it does not declare`,
    decidedBy: { position, says: `services.${caller.name}.uses.${callee.name}.collections has no ${collection}` },
    confidence,
    about: { datastore: callee.name },
  });
}
