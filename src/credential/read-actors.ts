import type { JsonObject } from "./infer-role.ts";
import { isServiceAccount } from "./read-subject.ts";
import { sanitizeValue } from "./sanitize-value.ts";

const ACTORS_MAX = 16;
/** Stands where a person acted for another. */
const PERSON = "(person)";

/**
 * `act.sub` of RFC 8693 section 4.1, the current actor first; null where the chain is longer than 16. An actor that
 * looks like a person is not named.
 */
export function readActors(act: unknown): readonly string[] | null {
  const actors: string[] = [];
  let next = act;
  while (typeof next === "object" && next !== null) {
    if (actors.length === ACTORS_MAX) return null;
    const actor = next as JsonObject;
    actors.push(nameActor(actor.sub));
    next = actor.act;
  }
  return actors;
}

/** An actor that may be named, or `(person)`. */
export function nameActor(subject: unknown): string {
  if (typeof subject !== "string" || subject === "") return "";
  const isPerson = /[@|]/.test(subject) && !isServiceAccount(subject) && !subject.endsWith("@clients");
  return isPerson ? PERSON : sanitizeValue("text", subject);
}
