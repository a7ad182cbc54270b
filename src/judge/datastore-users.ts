import type { Shape } from "../model/graph.ts";
import type { NodeIn } from "./known-shapes.ts";
import type { Taught } from "./learned.ts";

/** More services on one datastore are no more of a finding. */
const USERS_MAX = 16;
const NOBODY: ReadonlySet<string> = new Set();

/** Which services use which datastore, under the names that spans gave both. */
export class DatastoreUsers {
  readonly #users = new Map<string, Set<string>>();

  usersOf({ environment, callee }: Shape): ReadonlySet<string> {
    return this.#users.get(keyOf(environment, callee.name)) ?? NOBODY;
  }

  /** Another service puts those that were there before in another light. */
  concernedBy(fact: Taught): readonly NodeIn[] {
    if (!isUse(fact)) return [];
    const { environment, caller, callee } = fact.shape;
    const known = this.usersOf(fact.shape);
    const isNews = known.size > 0 && known.size < USERS_MAX && !known.has(caller.name);
    return isNews ? [{ environment, name: callee.name }] : [];
  }

  learn(fact: Taught): void {
    if (!isUse(fact)) return;
    const { environment, caller, callee } = fact.shape;
    const known = this.#users.get(keyOf(environment, callee.name)) ?? new Set();
    if (known.size < USERS_MAX) this.#users.set(keyOf(environment, callee.name), known.add(caller.name));
  }
}

function isUse(fact: Taught): fact is { readonly shape: Shape } {
  return "shape" in fact && fact.shape.callee.kind === "datastore" && fact.shape.caller.kind === "service";
}

function keyOf(environment: string, datastore: string): string {
  return `${environment}\n${datastore}`;
}
