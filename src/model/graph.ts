import type { CredentialProfile, PeerIdentity } from "./credential.ts";

export type NodeKind = "service" | "datastore" | "broker" | "external";

/** A node of the observed graph. A service's name is `namespace/name`, or `name` without a namespace. */
export type GraphNode = { readonly kind: NodeKind; readonly name: string };

/** The node that stands for everything outside; the caller of root hops. */
export const OUTSIDE: GraphNode = { kind: "external", name: "external" };

/** From best to worst. The position of a class in this list is its number in counters. */
export const CONFIDENCES = ["paired", "parent", "link", "alias", "peer", "root"] as const;
/**
 * How a hop is known: `paired` both ends seen, `parent` parent and child of different services whatever their kinds,
 * `link` by span link, `alias` named by a learned address, `peer` the caller's side only, `root` entered from outside.
 */
export type Confidence = (typeof CONFIDENCES)[number];

/**
 * `direct`: one service calls another node. `destination`: a service publishes to or consumes from a topic or queue.
 * `logical`: producer and consumer of one message, via a destination. `proxied`: who called a proxy and who answered
 * behind it, beside the direct hops to and from the proxy; shown on demand and never judged. `unattributed`: a call accepted from a caller
 * that was never seen; no edge, judged by the callee's own rules.
 */
export type HopType = "direct" | "destination" | "logical" | "unattributed" | "proxied";

export type Protocol = "http" | "rpc" | "messaging" | "database" | "graphql" | "unknown";

/** `ok`: 2xx, OK. `refused`: 401, 403, 407, UNAUTHENTICATED, PERMISSION_DENIED. `error`: 5xx and gRPC error codes. */
export type Outcome = "ok" | "refused" | "error" | "unknown";

/** What all hops alike share; the thing that is judged. Equal shapes have equal `key`. */
export type Shape = {
  /** 26 base32 characters of a hash of all the fields below; stable across processes. */
  readonly key: string;
  /** The callee's environment where it was observed, else the caller's. */
  readonly environment: string;
  /** The caller's environment where it was observed, else null. */
  readonly callerEnvironment: string | null;
  readonly caller: GraphNode;
  readonly callee: GraphNode;
  readonly type: HopType;
  /** The destination of a logical hop; the last proxy of a proxied one. */
  readonly via: string | null;
  readonly operation: string | null;
  readonly protocol: Protocol;
  /** What was presented; the callee's observation where there is one, else the caller's. */
  readonly credential: CredentialProfile | null;
  /** Who saw the credential. */
  readonly credentialSeenBy: "callee" | "caller" | null;
  readonly transport: "tls" | "plaintext" | "unknown";
  readonly outcome: Outcome;
  /** The callee's span began after the token's `exp`, clock skew allowed for. */
  readonly isExpired: boolean;
  /** The callee's span began before the token's `nbf` or `iat`, clock skew allowed for. */
  readonly isPremature: boolean;
  /** Caller and callee both saw the whole credential, and not the same one. */
  readonly isCredentialChanged: boolean;
  /** The far end by its certificate, as the callee saw it; null where nobody showed one. */
  readonly peer: PeerIdentity | null;
  /** For hops from outside: the user agent is one that people use by hand (curl, Postman, a browser). */
  readonly isInteractive: boolean;
  /** For root hops: whether the span names an address outside the private ranges. */
  readonly origin: "public" | "private" | "unknown";
};

/** One hop as an example of its shape. Ids are lower-case hex; times are the spans' own, ms since 1970. */
export type Evidence = {
  readonly traceId: string;
  readonly callerSpanId: string | null;
  readonly calleeSpanId: string | null;
  readonly atMs: number;
  readonly clientAddress: string | null;
  readonly fingerprint: string | null;
  /** `service.version` of the caller. */
  readonly release: string | null;
};
