/** Where on a request a credential was presented, the one that says most about the caller first. */
export const CREDENTIAL_SLOTS = [
  "authorization",
  "txn_token",
  "workload_identity",
  "api_key",
  "cloud_session",
  "iap_assertion",
  "session_cookie",
  "query",
  "proxy",
  "proof",
] as const;
/**
 * `authorization`: the header of RFC 9110, or a message's. `txn_token`: `Txn-Token`. `workload_identity`: a WIMSE
 * `Workload-Identity-Token`. `proof`: DPoP (RFC 9449), a WIMSE proof token, HTTP message signatures. `api_key`: the
 * vendors' headers for static keys. `cloud_session`: a cloud's session token. `iap_assertion`: what an identity-aware
 * proxy adds. `proxy`: `Proxy-Authorization`. `session_cookie`: a cookie that the configuration names. `query`: a
 * parameter of the URL. Certificates are {@link PeerIdentity}.
 */
export type CredentialSlot = (typeof CREDENTIAL_SLOTS)[number];

/** What a credential is for, from the JOSE `typ` and the issuer's own markers. */
export type CredentialRole =
  | "access_token"
  | "id_token"
  | "refresh_token"
  | "transaction"
  | "workload_identity"
  | "client_assertion"
  | "proof"
  | "api_key"
  | "session"
  | "unknown";

export type CredentialFormat = "jwt" | "opaque" | "key" | "basic" | "signature" | "unknown";

/**
 * How much the observation is worth:
 * `full`: fingerprint and facts; `foreign-digest`: a digest of unknown origin, not comparable with ours;
 * `placeholder` and `truncated`: present, but masked or cut on the way; `ambiguous`: two values in one slot;
 * `absent`: the emitter says explicitly that none was presented; `unparsable`: present, not understood.
 */
export type CredentialQuality =
  | "full"
  | "foreign-digest"
  | "placeholder"
  | "truncated"
  | "ambiguous"
  | "absent"
  | "unparsable";

/** What all presentations of one kind of credential share. Compared by value, interned by the credential room. */
export type CredentialProfile = {
  readonly slot: CredentialSlot;
  /** Lower-case HTTP authentication scheme (RFC 9110 section 11), `raw-jwt` for a JWT without one, `""` when unknown. */
  readonly scheme: string;
  readonly format: CredentialFormat;
  readonly role: CredentialRole;
  readonly quality: CredentialQuality;
  /** JWT `iss` without a trailing slash; null when unknown. */
  readonly issuer: string | null;
  /** JWT `aud`, always a list, sorted, without duplicates; null when unknown, empty when the token has none. */
  readonly audiences: readonly string[] | null;
  /** OAuth client: `client_id`, `azp`, `appid` or `cid`. */
  readonly client: string | null;
  /** True where the emitter says it has verified signature, audience and expiry. */
  readonly isVerified: boolean;
  /** The header, parameter or cookie that carried it, in lower case; null where the slot leaves no choice or nobody said. */
  readonly carrier: string | null;
  /** JOSE `typ` in lower case, without `application/`; null when unknown. */
  readonly type: string | null;
  /** JOSE `alg` as it stands there (`none` included); null when unknown. */
  readonly algorithm: string | null;
  /** OAuth scopes, sorted, without duplicates; null when unknown, empty when the token has none. */
  readonly scopes: readonly string[] | null;
  /** A person's token or a workload's; null when the token does not tell. */
  readonly subjectKind: "user" | "service" | null;
  /** Of a workload only: its SPIFFE id, service account or client id. A person's subject is never a profile's. */
  readonly subject: string | null;
  /** `act.sub` of RFC 8693 section 4.1, the current actor first; empty for none. */
  readonly actors: readonly string[];
  /** `exp - iat` in seconds, rounded down to its first two significant digits; null when unknown or without expiry. */
  readonly lifetimeS: number | null;
  /** False for a token without `exp` and for a static key; null when unknown. */
  readonly isExpiring: boolean | null;
  /** What the token is bound to (`cnf`: RFC 9449 section 6, RFC 8705 section 3, RFC 7800); null for a plain bearer token. */
  readonly confirmation: "jkt" | "x5t#S256" | "jwk" | null;
  /**
   * Whether the same span shows what the token is bound to: a proof or certificate that matches (`shown`), none
   * (`missing`), or another one (`mismatched`); null where nothing is asked for.
   */
  readonly possession: "shown" | "missing" | "mismatched" | null;
  /** The public id of a static key, for example an AWS access key id; never a part of a secret. */
  readonly keyId: string | null;
  /** What else was presented on the same request, in the order of {@link CREDENTIAL_SLOTS}; they have none themselves. */
  readonly companions: readonly CredentialProfile[];
};

/** A profile of which nothing is known: what others are made from. */
export const UNKNOWN_CREDENTIAL: CredentialProfile = {
  slot: "authorization",
  scheme: "",
  format: "unknown",
  role: "unknown",
  quality: "unparsable",
  issuer: null,
  audiences: null,
  client: null,
  isVerified: false,
  carrier: null,
  type: null,
  algorithm: null,
  scopes: null,
  subjectKind: null,
  subject: null,
  actors: [],
  lifetimeS: null,
  isExpiring: null,
  confirmation: null,
  possession: null,
  keyId: null,
  companions: [],
};

/** All that was presented on a request: the credential that says most, then its companions. */
export function allPresented(credential: CredentialProfile | null): readonly CredentialProfile[] {
  return credential === null ? [] : [credential, ...credential.companions];
}

/** Who the far end of a connection is, by its certificate; what only the called side can know. */
export type PeerIdentity = {
  /** A SPIFFE id or other URI, else a DNS name, else the certificate's subject. */
  readonly id: string;
  /** `told`: by the application. `mesh`: by a mesh's or proxy's span. `forwarded`: by a header of the proxy in front. */
  readonly source: "told" | "mesh" | "forwarded" | "certificate";
  readonly isVerified: boolean;
};

/** 16 bytes of a keyed fingerprint as text: `h1:<key id>:<22 base64url characters>`. */
export type FingerprintText = string;
