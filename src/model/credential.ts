/** Where on a request a credential was presented; later releases add more slots. */
export type CredentialSlot = "authorization";

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
};

/** 16 bytes of a keyed fingerprint as text: `h1:<key id>:<22 base64url characters>`. */
export type FingerprintText = string;
