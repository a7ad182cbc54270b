import type { CredentialSlot } from "../model/credential.ts";
import type { MappedAttribute } from "./attribute-map.ts";
import { API_KEY_HEADERS, ASSERTION_HEADERS, PEER_HEADERS, withSpellings } from "./header-names.ts";
import { type OwnFact, PEER_FACTS, SLOT_FACTS, TOKEN_FACTS } from "./own-facts.ts";

/** What an attribute tells about; `peer` is the far end's certificate, which is nobody's slot. */
export type CredentialPlace = CredentialSlot | "peer";

/** How an attribute tells it: the raw value of a header, a URL, or a fact told by whoever made the span. */
export type CredentialFact = "header" | "url" | "query" | OwnFact;

/** One attribute name and its meaning; an alias gives way to the full spelling. */
export type CredentialAttribute = {
  readonly name: string;
  readonly place: CredentialPlace;
  readonly fact: CredentialFact;
  /** The header that the value is of, in lower case and with hyphens; null for what is told. */
  readonly header: string | null;
  readonly isAlias: boolean;
  /** True where the configuration says that this attribute means it. */
  readonly isMapped: boolean;
  /** True where a raw credential has no business: the headers of messages, which stay wherever messages stay. */
  readonly isLeak: boolean;
};

/** One row a slot: the headers that carry its credentials, the one that says most first. */
export const SLOTS: readonly { readonly place: CredentialPlace; readonly headers: readonly string[] }[] = [
  { place: "authorization", headers: ["authorization"] },
  { place: "txn_token", headers: ["txn-token"] },
  { place: "workload_identity", headers: ["workload-identity-token"] },
  { place: "api_key", headers: API_KEY_HEADERS },
  { place: "cloud_session", headers: ["x-amz-security-token"] },
  { place: "iap_assertion", headers: ASSERTION_HEADERS },
  { place: "session_cookie", headers: ["cookie"] },
  { place: "query", headers: [] },
  { place: "proxy", headers: ["proxy-authorization"] },
  { place: "proof", headers: ["dpop", "workload-proof-token", "signature"] },
  { place: "peer", headers: PEER_HEADERS },
];

/** The short spelling of what is told of the slot `authorization`. */
const ALIAS = "trustdrift.token.";

/** Where instrumentations put captured headers and metadata; the `rpc.*.request` ones are deprecated but in use. */
const HEADER_PREFIXES = [
  "http.request.header.",
  "rpc.request.metadata.",
  "rpc.grpc.request.metadata.",
  "rpc.connect_rpc.request.metadata.",
  "messaging.header.",
];
const MESSAGE_PREFIX = "messaging.header.";

/** Attributes whose URL may carry a credential. */
const URLS: readonly (readonly [name: string, fact: "url" | "query"])[] = [
  ["url.full", "url"],
  ["http.url", "url"],
  ["http.target", "url"],
  ["url.query", "query"],
];

const PLAIN = { header: null, isAlias: false, isMapped: false, isLeak: false };

/**
 * Every attribute that the reader understands; its position in this list is the number that names it. What the
 * configuration maps stands last and gives way to what it is mapped to.
 */
export function credentialAttributes(mapped: readonly MappedAttribute[] = []): readonly CredentialAttribute[] {
  return [
    ...SLOTS.flatMap(({ place, headers }) => headers.flatMap((header) => headerRows(place, header))),
    ...URLS.map(([name, fact]) => ({ ...PLAIN, name, place: "query" as const, fact })),
    ...SLOTS.flatMap(({ place }) => (place === "peer" ? [] : toldRows(place))),
    ...[...SLOT_FACTS, ...TOKEN_FACTS].map(([name, fact]) => ({
      ...{ ...PLAIN, name: ALIAS + name, place: "authorization" as const },
      ...{ fact, isAlias: true },
    })),
    { ...PLAIN, name: "trustdrift.credential.api_key.id", place: "api_key", fact: "keyId" },
    { ...PLAIN, name: "trustdrift.authentication.result", place: "authorization", fact: "result" },
    ...PEER_FACTS.map(([name, fact]) => ({ ...PLAIN, name, place: "peer" as const, fact })),
    ...mapped.map(mappedRow),
  ];
}

/** Every attribute that is understood without a configuration. */
export const CREDENTIAL_ATTRIBUTE_TABLE: readonly CredentialAttribute[] = credentialAttributes();

/** Their names. */
export const CREDENTIAL_ATTRIBUTES: readonly string[] = CREDENTIAL_ATTRIBUTE_TABLE.map((attribute) => attribute.name);

function headerRows(place: CredentialPlace, header: string): CredentialAttribute[] {
  return HEADER_PREFIXES.flatMap((prefix) =>
    withSpellings(header).map((spelling) => ({
      ...{ ...PLAIN, name: prefix + spelling, place, fact: "header" as const },
      ...{ header, isLeak: prefix === MESSAGE_PREFIX && place !== "peer" },
    })),
  );
}

function toldRows(place: CredentialSlot): CredentialAttribute[] {
  const prefix = `trustdrift.credential.${place}.`;
  return [
    ...SLOT_FACTS.map(([name, fact]) => ({ ...PLAIN, name: prefix + name, place, fact })),
    ...TOKEN_FACTS.map(([name, fact]) => ({ ...PLAIN, name: `${prefix}token.${name}`, place, fact })),
  ];
}

/** A header that the configuration names is one more of its slot's, by the last part of the attribute's name. */
function mappedRow({ attribute, slot, fact }: MappedAttribute): CredentialAttribute {
  const row = { ...PLAIN, name: attribute, place: slot, isAlias: true, isMapped: true };
  if (fact !== "header") return { ...row, fact };
  const header = attribute
    .slice(attribute.lastIndexOf(".") + 1)
    .toLowerCase()
    .replaceAll("_", "-");
  return { ...row, fact, header };
}
