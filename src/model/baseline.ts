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
};

export type TokenDeclaration = {
  readonly position: Position;
  readonly mode: TokenMode | null;
  /** Null: audiences of this call are not checked. */
  readonly audiences: readonly Glob[] | null;
  /** How many times the token may be forwarded, with passthrough. */
  readonly maxHops: number;
  readonly reason: string | null;
};

export type CallDeclaration = {
  readonly position: Position;
  readonly callee: Glob;
  /** Null: any operation. */
  readonly operations: readonly OperationPattern[] | null;
  readonly token: TokenDeclaration | null;
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
};

export type DatastoreDeclaration = {
  readonly name: string;
  readonly position: Position;
  /** The service that owns it. */
  readonly service: string | null;
  readonly system: string | null;
  readonly namespace: Glob | null;
  readonly address: Glob | null;
};

export type ExternalDeclaration = {
  readonly name: string;
  readonly position: Position;
  readonly hosts: readonly Glob[];
  readonly owner: string | null;
};

export type IssuerDeclaration = {
  readonly name: string;
  readonly position: Position;
  /** `iss` and its aliases, without trailing slashes. */
  readonly identifiers: readonly string[];
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
  readonly internal: {
    readonly hosts: readonly Glob[];
    readonly cidrs: readonly string[];
    readonly probes: readonly OperationPattern[];
  };
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
  internal: { hosts: [], cidrs: [], probes: [] },
};

/** Something wrong with a baseline file. Errors keep it from being loaded; warnings do not. */
export type BaselineProblem = {
  readonly position: Position;
  readonly level: "error" | "warning";
  /** Stable code, `BL001` and on. */
  readonly code: string;
  readonly message: string;
};
