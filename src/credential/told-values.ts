import type { CredentialValue } from "./credential-facts.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import type { OwnFact } from "./own-facts.ts";

/** What the application told about one credential, by fact. */
export type OwnFacts = ReadonlyMap<OwnFact, CredentialValue>;

/** A told boolean, also as text; null for anything else. */
export function toldFlag(value: CredentialValue | undefined): boolean | null {
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : null;
}

/** A told text, trimmed; `""` for what is none. */
export function textOf(value: CredentialValue | undefined): string {
  return typeof value === "string" ? value.trim() : "";
}

/** The value, or undefined where something stands in its place. */
export function unmasked(value: CredentialValue | undefined): CredentialValue | undefined {
  const values = typeof value === "object" ? value : [String(value)];
  return values.some((text) => isPlaceholder(text.trim())) ? undefined : value;
}

/** True where the fact was told. */
export function isUnmasked(own: OwnFacts, fact: OwnFact): boolean {
  return unmasked(own.get(fact)) !== undefined;
}
