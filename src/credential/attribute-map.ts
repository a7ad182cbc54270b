import { CREDENTIAL_SLOTS } from "../model/credential.ts";
import type { CredentialFact, CredentialPlace } from "./credential-attributes.ts";
import { PEER_FACTS, SLOT_FACTS, TOKEN_FACTS } from "./own-facts.ts";

/** One more name for a fact: what an attribute means that somebody else writes already. */
export type MappedAttribute = {
  readonly attribute: string;
  readonly slot: CredentialPlace;
  readonly fact: CredentialFact;
};

/** What the configuration says about attributes beside what is known of itself. */
export type AttributeMap = {
  readonly attributes: readonly MappedAttribute[];
  /** Cookies that are sessions; no other cookie is looked at. */
  readonly sessionCookies: readonly string[];
};

/** Nothing beside what is known of itself. */
export const EMPTY_ATTRIBUTE_MAP: AttributeMap = { attributes: [], sessionCookies: [] };

const FACTS: ReadonlyMap<string, CredentialFact> = new Map<string, CredentialFact>([
  ["header", "header"],
  ...SLOT_FACTS,
  ...TOKEN_FACTS.map(([name, fact]) => [`token.${name}`, fact] as const),
]);
const FACTS_OF_PEER: ReadonlyMap<string, CredentialFact> = new Map(
  PEER_FACTS.filter(([name]) => name.startsWith("trustdrift.peer.")).map(([name, fact]) => [
    name.slice("trustdrift.peer.".length),
    fact,
  ]),
);

/** The slots that a row of the map may name. */
export const MAPPED_SLOTS: readonly string[] = [...CREDENTIAL_SLOTS, "peer"];

/** The facts that a row may name for a slot, spelled as behind `trustdrift.credential.<slot>.` or `trustdrift.peer.`. */
export function mappedFacts(slot: string): ReadonlyMap<string, CredentialFact> {
  if (slot === "peer") return FACTS_OF_PEER;
  return slot === "api_key" ? new Map([...FACTS, ["id", "keyId"]]) : FACTS;
}
