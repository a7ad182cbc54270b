import type { CredentialProfile, PeerIdentity } from "./credential.ts";

/**
 * The numbers are OTLP's `Span.SpanKind`: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
 */
export const SPAN_KIND = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** The numbers are OTLP's `Status.StatusCode`. */
export const SPAN_STATUS = { unset: 0, ok: 1, error: 2 } as const;

/**
 * How an attribute's value is reduced before it enters a batch's dictionary, so that nothing nobody asked for is kept:
 * - `text`: credentials scrubbed, control characters escaped, at most 256 characters
 * - `host`: as text, lower case, without a trailing dot, user info or port-less brackets
 * - `path`: query and fragment cut, segments that are ids become `{id}`
 * - `url`: `scheme://host[:port]/path`, the path as in `path`; user info, query and fragment cut
 * - `query`: a database statement becomes `VERB collection`
 * - `user-agent`: the first product's name
 */
export type Keep = "text" | "host" | "path" | "url" | "query" | "user-agent";

/** An attribute that some room asked for by its exact name; all others are skipped undecoded. */
export type WantedAttribute = {
  readonly name: string;
  readonly scope: "span" | "resource";
  readonly keep: Keep;
  /**
   * True for the far end's port. On SERVER and CONSUMER spans that is a passing one of the client's, another for every
   * connection, and may be left out; readers must not miss it there.
   */
  readonly isFarPort?: boolean;
};

/**
 * The one structure that flows from decode to assemble: the spans of one export request in columns.
 * Self-contained (typed arrays and its own dictionary), so it can move to another thread or be kept as it is.
 * Every string in it has been through its scrubber. `n` below is `spanCount`.
 */
export type SpanBatch = {
  readonly spanCount: number;
  /** Four big-endian 32-bit words a span (W3C trace id, 16 bytes). */
  readonly traceIds: Uint32Array;
  /** Two big-endian words a span (8 bytes), never zero. */
  readonly spanIds: Uint32Array;
  /** Two big-endian words a span; zero where the span has no parent. */
  readonly parentIds: Uint32Array;
  /** {@link SPAN_KIND}; numbers above 5 arrive as 0. */
  readonly kinds: Uint8Array;
  /** {@link SPAN_STATUS}. */
  readonly statuses: Uint8Array;
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /**
   * How many spans each one stands for, where a sampler kept only some and said so: OpenTelemetry's adjusted count, in
   * multiples of 1/1024, at least 1. Empty where every span of the batch stands for itself alone.
   */
  readonly weights: Float32Array;
  /** Index of the span's resource, below `resourceCount`. */
  readonly resources: Uint32Array;
  /** n + 1 offsets into `attributeKeys` and `attributeValues`. */
  readonly attributeStarts: Uint32Array;
  /** Index into the list of wanted attributes that the decoder was made with. */
  readonly attributeKeys: Uint16Array;
  /** Index into `strings`. Numbers and booleans are their decimal or `true`/`false` text; arrays their first string. */
  readonly attributeValues: Uint32Array;
  /** n + 1 offsets into `links` (counted in links). */
  readonly linkStarts: Uint32Array;
  /** Six words a link: trace id (4), span id (2). */
  readonly links: Uint32Array;
  /** n + 1 offsets into the credential columns. */
  readonly credentialStarts: Uint32Array;
  readonly credentials: CredentialColumns;
  /** Index + 1 into `peers` a span; 0 where it shows none. Empty where no span of the batch does. */
  readonly peerIndexes: Uint32Array;
  readonly peers: readonly PeerIdentity[];
  /** Attributes, events and other places where a value looked like a credential, once a resource and place. */
  readonly leaks: readonly Leak[];
  readonly resourceCount: number;
  /** resourceCount + 1 offsets into the two columns below. */
  readonly resourceAttributeStarts: Uint32Array;
  readonly resourceAttributeKeys: Uint16Array;
  readonly resourceAttributeValues: Uint32Array;
  /** The batch's own dictionary: distinct, scrubbed strings. */
  readonly strings: readonly string[];
  /** Spans of the request that were invalid and left out, by reason; reasons hold no values. */
  readonly rejected: ReadonlyMap<string, number>;
};

/** A place where a raw credential stood: the resource's index and the attribute's key, scrubbed; never the value. */
export type Leak = { readonly resource: number; readonly place: string; readonly count: number };

/** What the words of {@link CredentialColumns.idWords} are a keyed hash of, but for `pod`. */
export const CREDENTIAL_ID = {
  /** `iss` and `jti`. */
  token: 1,
  /** The stable subject: `iss` and `sub`, or what the issuer's profile names. */
  subject: 2,
  /** `txn` of a transaction token. */
  transaction: 3,
  /** A proof's key and `jti`. */
  proof: 4,
  /** The pod that the token is bound to: its uid as it is, see `pod-id.ts`. */
  pod: 5,
} as const;

/**
 * What was presented on the spans of a batch: a row per span for the credential that says most, with the others in its
 * profile's companions, and a second row where another one can be compared as well. Never a value, only facts.
 */
export type CredentialColumns = {
  /** Index into `profiles`. */
  readonly profileIndexes: Uint32Array;
  /** Four words a row: 128 bits of the keyed fingerprint; all zero where there is none. */
  readonly fingerprints: Uint32Array;
  /** `exp`, `nbf` and `iat` in seconds since 1970; NaN where unknown (RFC 7519). */
  readonly expiresAtS: Float64Array;
  readonly notBeforeS: Float64Array;
  readonly issuedAtS: Float64Array;
  /** Distinct profiles of this batch. */
  readonly profiles: readonly CredentialProfile[];
  /** What some of the rows have beside, in rising order of rows: the row, a {@link CREDENTIAL_ID}, four words of hash. */
  readonly idRows: Uint32Array;
  readonly idKinds: Uint8Array;
  readonly idWords: Uint32Array;
};
