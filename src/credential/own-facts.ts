/** A fact that whoever made the span tells by itself, instead of, or beside, a captured header. */
export type OwnFact =
  | "present"
  | "scheme"
  | "role"
  | "format"
  | "location"
  | "fingerprint"
  | "verified"
  | "keyId"
  | "tokenId"
  | "pod"
  | "type"
  | "algorithm"
  | "issuer"
  | "audiences"
  | "subject"
  | "subjectHash"
  | "subjectKind"
  | "scopes"
  | "client"
  | "expiresAt"
  | "issuedAt"
  | "notBefore"
  | "actors"
  | "transaction"
  | "confirmation"
  | "thumbprint"
  | "result"
  | "peerId"
  | "peerSource"
  | "peerVerified"
  | "tlsSubject"
  | "tlsHash"
  | "tlsCertificate"
  | "meshService"
  | "meshWorkload"
  | "meshNamespace";

type NamedFact = readonly [name: string, fact: OwnFact];

/** Behind `trustdrift.credential.<slot>.`. */
export const SLOT_FACTS: readonly NamedFact[] = [
  ["present", "present"],
  ["scheme", "scheme"],
  ["role", "role"],
  ["format", "format"],
  ["location", "location"],
  ["fingerprint", "fingerprint"],
  ["verified", "verified"],
];

/** Behind `trustdrift.credential.<slot>.token.`; `id` is also, as a key's public one, a fact of the slot `api_key`. */
export const TOKEN_FACTS: readonly NamedFact[] = [
  ["id", "tokenId"],
  ["type", "type"],
  ["algorithm", "algorithm"],
  ["issuer", "issuer"],
  ["audiences", "audiences"],
  ["subject", "subject"],
  ["subject_hash", "subjectHash"],
  ["subject_kind", "subjectKind"],
  ["pod", "pod"],
  ["scopes", "scopes"],
  ["client.id", "client"],
  ["expires_at", "expiresAt"],
  ["issued_at", "issuedAt"],
  ["not_before", "notBefore"],
  ["actors", "actors"],
  ["transaction.id", "transaction"],
  ["confirmation.method", "confirmation"],
  ["confirmation.thumbprint", "thumbprint"],
];

/** About the far end's certificate: ours, OpenTelemetry's, and those of Istio's waypoints. */
export const PEER_FACTS: readonly NamedFact[] = [
  ["trustdrift.peer.identity.id", "peerId"],
  ["trustdrift.peer.identity.source", "peerSource"],
  ["trustdrift.peer.identity.verified", "peerVerified"],
  ["trustdrift.peer.certificate.thumbprint", "thumbprint"],
  ["tls.client.subject", "tlsSubject"],
  ["tls.client.hash.sha256", "tlsHash"],
  ["tls.client.certificate", "tlsCertificate"],
  ["istio.source_canonical_service", "meshService"],
  ["istio.source_workload", "meshWorkload"],
  ["istio.source_namespace", "meshNamespace"],
];
