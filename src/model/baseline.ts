import type { FindingTarget } from "./finding.ts";
import type { Glob } from "./glob.ts";

/** Where something stands in a baseline file; line and column count from 1. */
export type Position = { readonly file: string; readonly line: number; readonly column: number };

export type Criticality = "low" | "medium" | "high" | "critical";

/** `passthrough`: may relay the received token; the modes are those of the baseline's reference. */
export type TokenMode = "none" | "own" | "exchange" | "passthrough";

export type AcceptDeclaration = {
  readonly position: Position;
  /** A name from `issuers`, or an issuer URL as it stands in `iss`. */
  readonly issuer: string;
  readonly audiences: readonly Glob[];
  /** Scopes that a token must have, all of them. */
  readonly requiredScopes: readonly string[];
  /** Null: scopes are not checked. The required ones are allowed. */
  readonly allowedScopes: readonly Glob[] | null;
  /** Null: both. */
  readonly subjects: readonly SubjectKind[] | null;
  /** Null: the issuer's. */
  readonly maxLifetimeS: number | null;
};

export type SubjectKind = "user" | "service";
/** How a call authenticates: what stands in its slot, and `mtls` for a certificate. `none`: not at all. */
export type AuthMethod =
  | "jwt"
  | "opaque"
  | "api-key"
  | "basic"
  | "signature"
  | "session"
  | "transaction"
  | "mtls"
  | "none";

export type TokenDeclaration = {
  readonly position: Position;
  readonly mode: TokenMode | null;
  /** Null: audiences of this call are not checked. */
  readonly audiences: readonly Glob[] | null;
  /** How many times the token may be forwarded, with passthrough. */
  readonly maxHops: number;
  readonly reason: string | null;
  /** Null: scopes of this call's token are not checked. */
  readonly scopes: readonly Glob[] | null;
  /** True: a call without a token is drift. */
  readonly isRequired: boolean;
  /** How many services one token may be presented to; null: as many as it names audiences. */
  readonly maxRecipients: number | null;
  /** The last day on which the mode holds, `YYYY-MM-DD`; null: for good. */
  readonly expires: string | null;
};

export type CallDeclaration = {
  readonly position: Position;
  readonly callee: Glob;
  /** Null: any operation. */
  readonly operations: readonly OperationPattern[] | null;
  readonly token: TokenDeclaration | null;
  /** Null: unchecked. */
  readonly auth: readonly AuthMethod[] | null;
  readonly isMtlsRequired: boolean;
  readonly frequency: "normal" | "rare" | "yearly";
};

/** Gives ephemeral names of services (pods, runs, previews) the one name that they share. */
export type NameRewrite = {
  readonly position: Position;
  readonly match: string;
  /** The stable name; null where the name does not match. */
  readonly rewrite: (name: string) => string | null;
};

/** An operation as declared, for example `GET,DELETE /v1/carts/{id}`, `rpc:pkg.Service/*` or `publish:orders`. */
export type OperationPattern = { readonly text: string; readonly matches: (operation: string) => boolean };

export type DatastoreUse = {
  readonly position: Position;
  readonly access: readonly ("read" | "write")[];
  readonly collections: readonly string[] | null;
};

export type IngressDeclaration = {
  readonly position: Position;
  readonly from: string;
  readonly operations: readonly OperationPattern[] | null;
  /** Whether who comes in this way presents a token; null: unchecked. */
  readonly token: "required" | "optional" | "none" | null;
};

/**
 * `gateway`: may relay what it received. `exchanger`: may swap credentials. `proxy`: stands between two services.
 * `environment-neutral`: one of it serves all environments. `control-plane`: issues or checks credentials itself.
 */
export type Trait = "gateway" | "exchanger" | "proxy" | "environment-neutral" | "control-plane";

/** Where a service stands in its life. A retired one is to have no traffic after `since` and the grace. */
export type Lifecycle = {
  readonly position: Position;
  readonly state: "active" | "learning" | "retired";
  /** `YYYY-MM-DD`; null where the state has no beginning or no end. */
  readonly since: string | null;
  readonly until: string | null;
  /** How long a learning service has to bring nothing new, in ms; null: not checked. */
  readonly stabilizationMs: number | null;
  readonly mustObserve: readonly ("restart" | "deploy" | "week")[];
};

export type ServiceDeclaration = {
  readonly name: string;
  readonly position: Position;
  readonly owner: string | null;
  readonly criticality: Criticality;
  readonly aliases: readonly string[];
  /** Null: tokens are not checked. Empty: any token is drift. */
  readonly accepts: readonly AcceptDeclaration[] | null;
  readonly acceptsPosition: Position | null;
  /** Null: any declared caller. */
  readonly callers: readonly Glob[] | null;
  readonly callersPosition: Position | null;
  readonly calls: readonly CallDeclaration[];
  readonly uses: ReadonlyMap<string, DatastoreUse>;
  readonly ingress: readonly IngressDeclaration[];
  readonly traits: ReadonlySet<Trait>;
  /** By what it proves who it is: SPIFFE ids and Kubernetes service accounts (`namespace/name`); globs. */
  readonly spiffe: readonly Glob[];
  readonly kubernetes: readonly string[];
  readonly isMtlsRequired: boolean;
  /** Operations where a token is ignored and none is asked for. */
  readonly public: readonly OperationPattern[];
  /** Destinations by name; null: unchecked. */
  readonly publishes: readonly Glob[] | null;
  readonly consumes: readonly Glob[] | null;
  readonly lifecycle: Lifecycle | null;
};

export type DatastoreDeclaration = {
  readonly name: string;
  readonly position: Position;
  /** The service that owns it. */
  readonly service: string | null;
  readonly system: string | null;
  readonly namespace: Glob | null;
  readonly address: Glob | null;
  /** Services that may read it though another one owns it. */
  readonly readers: readonly Glob[];
  /** Why, and until which day, several services write to it; null where they do not. */
  readonly shared: { readonly position: Position; readonly reason: string; readonly expires: string | null } | null;
};

/** A topic or queue. */
export type DestinationDeclaration = {
  readonly name: string;
  readonly position: Position;
  readonly system: string | null;
  /** The service that owns it. */
  readonly service: string | null;
};

/** A machine client or workload identity, and whose it is. */
export type IdentityDeclaration = {
  readonly name: string;
  readonly position: Position;
  /** A name from `issuers`, or an issuer URL; null: whatever issuer. */
  readonly issuer: string | null;
  /** OAuth client id. */
  readonly client: string | null;
  /** `namespace/name` of a service account. */
  readonly kubernetes: string | null;
  readonly spiffe: Glob | null;
  /** Public id of a static key, as in {@link CredentialProfile.keyId}. */
  readonly key: string | null;
  /** Services that may present it; null: not said. Two or more: sharing that is declared. */
  readonly usedBy: readonly Glob[] | null;
  /** Environments that it may be presented in; null: any. */
  readonly environments: readonly string[] | null;
  /** A client that people use: owner rules spare it. */
  readonly isHuman: boolean;
  /** The day from which it must not be used, `YYYY-MM-DD`; null while it lives. */
  readonly retired: string | null;
  readonly graceMs: number;
  /** Another identity's name that took its place. */
  readonly successor: string | null;
};

/** Who may send spans of which services; a forwarder is one that may for many. */
export type SenderDeclaration = {
  readonly name: string;
  readonly position: Position;
  /** Who it proves to be: `spiffe://…`, `key:ID` or `cert:NAME`. */
  readonly principal: Glob;
  readonly services: readonly Glob[];
};

/** What the match of an exception may name beside the rule. */
export const EXCEPTION_TARGETS = [
  "caller",
  "callee",
  "service",
  "identity",
  "issuer",
  "destination",
  "datastore",
  "host",
  "scope",
] as const;

/** A reasoned permission that ends: findings that it matches are recorded, and not raised. */
export type ExceptionDeclaration = {
  readonly id: string;
  readonly position: Position;
  readonly rule: string;
  /** By what they are called in a match; at least one. */
  readonly targets: ReadonlyMap<"caller" | "callee" | FindingTarget, Glob>;
  /** Null: in all. */
  readonly environments: readonly string[] | null;
  readonly reason: string;
  readonly owner: string;
  readonly ticket: string | null;
  /** `YYYY-MM-DD`, the first day; null where nobody wrote it down. */
  readonly created: string | null;
  /** `YYYY-MM-DD`, the last day. */
  readonly expires: string;
  /** How often it was renewed. */
  readonly renewals: number;
};

export type Settings = {
  /** `propose`: undeclared paths become proposals instead of alerts. */
  readonly undeclared: "alert" | "propose";
  /** Who has to declare a call. */
  readonly consent: "caller" | "callee" | "both";
  /** Of whose spans the sender is judged: nobody's, those that prove who they are, everybody's. */
  readonly attestation: "ignore" | "prefer" | "require";
  /** Services whose sidecars encrypt. */
  readonly meshTls: readonly Glob[];
  readonly staleAfterMs: number;
  readonly maxExceptionDays: number;
};

export type ExternalDeclaration = {
  readonly name: string;
  readonly position: Position;
  readonly hosts: readonly Glob[];
  readonly owner: string | null;
  /** Internal issuers whose tokens may go there. */
  readonly tokenIssuers: readonly string[];
};

export type IssuerDeclaration = {
  readonly name: string;
  readonly position: Position;
  /** `iss` and its aliases, without trailing slashes. */
  readonly identifiers: readonly string[];
  /** Its tokens must not leave the estate. */
  readonly isInternal: boolean;
  /** Where the audience stands; `none`: its tokens have none by design. */
  readonly audienceClaim: "aud" | "client_id" | "none";
  /** Claims that together are the stable subject. */
  readonly subjectClaims: readonly string[];
  /** From every spelling of an audience to the declared one. */
  readonly audienceAliases: ReadonlyMap<string, string>;
  /** Null: any but `none`. */
  readonly algorithms: readonly string[] | null;
  /** `exp - iat` in seconds at the most, by role; a role that is missing has the rule's own bound. */
  readonly maxLifetimeS: { readonly [Role in "access" | "workload" | "transaction"]?: number };
  /** Audiences of one token at the most; null: the rule's own bound. */
  readonly maxAudiences: number | null;
};

/** A known environment; `default`, where nobody said anything, is not one. */
export type EnvironmentDeclaration = {
  readonly name: string;
  readonly position: Position;
  readonly isProduction: boolean;
};

export type ForbiddenDeclaration = {
  readonly position: Position;
  readonly caller: Glob;
  readonly callee: Glob;
  readonly reason: string;
};

/** What owners declared, parsed and ready to be compared with. */
export type Baseline = {
  /** First 12 hex characters of a hash over all files' names and texts; `none` for the empty baseline. */
  readonly revision: string;
  readonly files: readonly string[];
  /** Prefix of unqualified service names; "" for none. */
  readonly namespace: string;
  readonly owners: ReadonlyMap<string, { readonly contact: string | null }>;
  readonly issuers: ReadonlyMap<string, IssuerDeclaration>;
  readonly services: ReadonlyMap<string, ServiceDeclaration>;
  readonly datastores: ReadonlyMap<string, DatastoreDeclaration>;
  readonly externals: ReadonlyMap<string, ExternalDeclaration>;
  readonly forbidden: readonly ForbiddenDeclaration[];
  readonly settings: Settings;
  /** Empty: any environment is known. */
  readonly environments: ReadonlyMap<string, EnvironmentDeclaration>;
  readonly identities: ReadonlyMap<string, IdentityDeclaration>;
  readonly destinations: ReadonlyMap<string, DestinationDeclaration>;
  readonly senders: ReadonlyMap<string, SenderDeclaration>;
  readonly exceptions: readonly ExceptionDeclaration[];
  /** Tried in this order on names that nothing declares; the first that matches holds. */
  readonly normalize: readonly NameRewrite[];
  readonly internal: {
    readonly hosts: readonly Glob[];
    readonly cidrs: readonly string[];
    /** Where people sit: the addresses of offices and VPNs. */
    readonly people: readonly string[];
    readonly probes: readonly OperationPattern[];
  };
};

export const DEFAULT_SETTINGS: Settings = {
  undeclared: "alert",
  consent: "caller",
  attestation: "ignore",
  meshTls: [],
  staleAfterMs: 30 * 86_400_000,
  maxExceptionDays: 90,
};

/** The baseline of a collector that was given none: it observes and, but for expired tokens, says nothing. */
export const EMPTY_BASELINE: Baseline = {
  revision: "none",
  files: [],
  namespace: "",
  owners: new Map(),
  issuers: new Map(),
  services: new Map(),
  datastores: new Map(),
  externals: new Map(),
  forbidden: [],
  settings: DEFAULT_SETTINGS,
  environments: new Map(),
  identities: new Map(),
  destinations: new Map(),
  senders: new Map(),
  exceptions: [],
  normalize: [],
  internal: { hosts: [], cidrs: [], people: [], probes: [] },
};

/** Something wrong with a baseline file. Errors keep it from being loaded; warnings do not. */
export type BaselineProblem = {
  readonly position: Position;
  readonly level: "error" | "warning";
  /** Stable code, `BL001` and on. */
  readonly code: string;
  readonly message: string;
};
