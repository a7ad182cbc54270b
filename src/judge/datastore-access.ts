/** What a database operation touches: whether it writes, and the collection where the span names one. */
export type DatastoreAccess = { readonly isWrite: boolean; readonly collection: string | null };

/** Reads `query:collection` and `write:collection`. An operation that may do either counts as no write. */
export function datastoreAccess(operation: string | null): DatastoreAccess {
  const [, verb, name = ""] = /^(query|write):(.*)$/su.exec(operation ?? "") ?? [];
  return { isWrite: verb === "write", collection: name === "" || name.startsWith("(") ? null : name };
}

/** Whether a declared collection is the observed one; either may leave the schema out, and case says nothing in SQL. */
export function isCollection(declared: string, observed: string): boolean {
  const [one, other] = [declared.toLowerCase(), observed.toLowerCase()];
  if (one === other) return true;
  if (one.includes(".") && other.includes(".")) return false;
  return one.split(".").at(-1) === other.split(".").at(-1);
}
