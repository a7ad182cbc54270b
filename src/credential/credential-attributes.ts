/** What an attribute tells about a credential; `header` is the raw value, the rest are told by the application. */
export type CredentialFact = "header" | OwnFact;

/** A fact that the application tells by itself, instead of, or beside, a captured header. */
export type OwnFact =
  | "present"
  | "scheme"
  | "role"
  | "format"
  | "fingerprint"
  | "verified"
  | "type"
  | "issuer"
  | "audiences"
  | "client"
  | "expiresAt"
  | "issuedAt"
  | "notBefore";

/** One attribute name and its meaning; an alias gives way to the full spelling. */
export type CredentialAttribute = {
  readonly name: string;
  readonly fact: CredentialFact;
  readonly isAlias: boolean;
};

/** One row a slot: the headers that carry its credential, and the prefix of its short spelling. */
const SLOTS = [{ slot: "authorization", headers: ["authorization"], alias: "trustdrift.token." }] as const;

/** Where instrumentations put captured headers and metadata; the `rpc.*.request` ones are deprecated but in use. */
const HEADER_PREFIXES = [
  "http.request.header.",
  "rpc.request.metadata.",
  "rpc.grpc.request.metadata.",
  "rpc.connect_rpc.request.metadata.",
  "messaging.header.",
];

const CREDENTIAL_FACTS: readonly (readonly [string, OwnFact])[] = [
  ["present", "present"],
  ["scheme", "scheme"],
  ["role", "role"],
  ["format", "format"],
  ["fingerprint", "fingerprint"],
  ["verified", "verified"],
];

const TOKEN_FACTS: readonly (readonly [string, OwnFact])[] = [
  ["type", "type"],
  ["issuer", "issuer"],
  ["audiences", "audiences"],
  ["client.id", "client"],
  ["expires_at", "expiresAt"],
  ["issued_at", "issuedAt"],
  ["not_before", "notBefore"],
];

/** Every attribute the reader understands; its position in this list is the number that names it. */
export const CREDENTIAL_ATTRIBUTE_TABLE: readonly CredentialAttribute[] = SLOTS.flatMap((row) => {
  const prefix = `trustdrift.credential.${row.slot}.`;
  return [
    ...row.headers.flatMap((header) =>
      HEADER_PREFIXES.map((place) => ({ name: place + header, fact: "header" as const, isAlias: false })),
    ),
    ...CREDENTIAL_FACTS.map(([name, fact]) => ({ name: prefix + name, fact, isAlias: false })),
    ...TOKEN_FACTS.map(([name, fact]) => ({ name: `${prefix}token.${name}`, fact, isAlias: false })),
    ...[...CREDENTIAL_FACTS, ...TOKEN_FACTS].map(([name, fact]) => ({ name: row.alias + name, fact, isAlias: true })),
  ];
});

/** The exact names of the span attributes whose values belong to {@link CredentialReader.add}, by their position. */
export const CREDENTIAL_ATTRIBUTES: readonly string[] = CREDENTIAL_ATTRIBUTE_TABLE.map((attribute) => attribute.name);
