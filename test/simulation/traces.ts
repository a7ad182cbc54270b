import type { Datastore, External, Replica, Service, Topic } from "./world.ts";

/** A bearer token: what it says, and the raw text that applications present. */
export type Token = {
  readonly id: number;
  /** The service that it was made for, or `user`. */
  readonly client: string;
  /** Where it was issued, and may be used. */
  readonly environment: string;
  readonly audiences: readonly string[];
  readonly expiresAtS: number;
  /** What tokens say beside that in honest worlds. */
  readonly claims: Claims | null;
};

/** Whom a token is about, who acts for them, and what it may do. */
export type Claims = {
  readonly subject: string;
  readonly isPerson: boolean;
  readonly actor: string | null;
  readonly scopes: readonly string[];
};

export type Outcome = "ok" | "refused" | "error" | "unsaid";

/**
 * How a service's handling of a request begins in its spans:
 * `server`, `consumer` and `receive` (a pull) say that they are called; `internal` is a lone INTERNAL span,
 * `internal-server` one around a SERVER span; `bare` has only its one outgoing call; `ghost` is not exported.
 */
export type Entry = "server" | "consumer" | "receive" | "internal" | "internal-server" | "bare" | "ghost";

/** One service's handling of one request, message or job. */
export type Visit = {
  readonly service: Service;
  readonly environment: string;
  readonly replica: Replica;
  readonly entry: Entry;
  /** What the called side says how it ended. */
  readonly outcome: Outcome;
  readonly startMs: number;
  /** Whether the called side tells its operation, a consumer its topic. */
  readonly isRouteTold: boolean;
  readonly calls: Call[];
};

/**
 * The spans that a call leaves at the caller:
 * `client`; `wrapped` (an outer client span around the one that calls); `silent` (an outer one around one that names
 * nobody); `lookup` (a name look-up inside it); `unspecified` (no kind, but a peer); `producer`; `bare` (none).
 */
export type Carrier = "client" | "wrapped" | "silent" | "lookup" | "unspecified" | "producer" | "bare";

/** How the caller's spans name the other side; `nameless` is not at all, `address` only by a bare IP. */
export type Naming = "host" | "host-port" | "peer-name" | "http-host" | "address" | "nameless";

export type Target =
  | { readonly kind: "service"; readonly service: Service }
  | { readonly kind: "datastore"; readonly datastore: Datastore }
  | { readonly kind: "external"; readonly external: External }
  | { readonly kind: "topic"; readonly topic: Topic };

/** Who observes a presented token. */
export type Observers = { readonly caller: boolean; readonly callee: boolean };

/** One call by a visit, with the visits that it caused: none where nobody tells of them, several where it was retried. */
export type Call = {
  readonly carrier: Carrier;
  readonly target: Target;
  readonly naming: Naming;
  /** INTERNAL or UNSPECIFIED spans between the visit's entry and the call. */
  readonly wrappers: number;
  readonly protocol: "http" | "rpc" | "none";
  readonly route: number;
  readonly isRouteTold: boolean;
  /** The same call had been made before, and failed. */
  readonly isRetry: boolean;
  /** What the calling side says how it ended. */
  readonly outcome: Outcome;
  readonly startMs: number;
  readonly token: Token | null;
  /** What the caller sends, where a gateway that sends no spans swaps it for `token` on the way. */
  readonly swapped: Token | null;
  readonly observers: Observers;
  readonly callees: Visit[];
};

/**
 * How a trace begins: `outside`, entered from nowhere known; `public`, from a public address; `named`, by a caller that
 * the entry names; `orphan`, by a span that is never exported; `topic`, by a message; `linked`, by messages whose
 * producers' spans the entry links to.
 */
export type Origin = "outside" | "public" | "named" | "orphan" | "topic" | "linked";

export type Trace = {
  readonly number: number;
  readonly origin: Origin;
  readonly root: Visit;
  /** What entered with the first request. */
  readonly token: Token | null;
  readonly rootProtocol: "http" | "rpc" | "none";
  readonly rootRoute: number;
  /** The topic that a first consumer reads. */
  readonly topic: Topic | null;
  /** For `linked`: the producers' calls, each in its trace. */
  readonly links: readonly LinkedCall[];
};

export type LinkedCall = { readonly trace: Trace; readonly visit: Visit; readonly call: Call };

/** True where a service's spans reach the collector at all, and this visit's entry with them. */
export function isEntrySeen({ service, entry }: Visit): boolean {
  return service.isInstrumented && entry !== "ghost";
}

/** True where the visit's first span says that it is called. */
export function isCalledSide({ entry }: Visit): boolean {
  return entry === "server" || entry === "internal-server" || entry === "consumer" || entry === "receive";
}

/** True where the call leaves a span of its own at the caller that says it calls. */
export function hasCallingSpan(visit: Visit, { carrier }: Call): boolean {
  return visit.service.isInstrumented && carrier !== "bare";
}

/** True where the span that a trace's first one names as its parent is never exported. */
export function isOrphan({ origin, number }: Pick<Trace, "origin" | "number">): boolean {
  return origin === "orphan" || (origin === "topic" && number % 3 === 0);
}
