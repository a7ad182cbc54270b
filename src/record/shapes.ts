import type Database from "better-sqlite3";
import { type AddressBook, aliasedService } from "../model/alias.ts";
import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../model/credential.ts";
import type { NewShape } from "../model/facts.ts";
import { CONFIDENCES, type Evidence, type GraphNode, type Shape } from "../model/graph.ts";
import type { CountedShape, SeenShape, TimeRange } from "../model/store.ts";
import { hoursOf } from "./hours.ts";
import { FIRST_SEEN, LAST_SEEN } from "./shape-counts.ts";

/** Keeps shapes; one that is there already stays as it is, whatever process finds it new. */
export function shapeWriter(
  db: Database.Database,
  keepCredential: (profile: CredentialProfile) => string,
): (found: NewShape) => void {
  const insert = db.prepare(`
    INSERT INTO shape (
      key, environment, caller_environment, caller, caller_kind, callee, callee_kind, type, via, operation, protocol,
      credential_key, credential_seen_by, transport, outcome, is_expired, origin, marks, peer_identity, evidence
    ) VALUES (
      @key, @environment, @callerEnvironment, @callerName, @callerKind, @calleeName, @calleeKind, @type, @via,
      @operation, @protocol, @credentialKey, @credentialSeenBy, @transport, @outcome, @isExpired, @origin, @marks, @peer,
      @evidence
    )
    ON CONFLICT DO NOTHING`);
  return ({ shape, evidence }) => {
    const { caller, callee, credential, isExpired, peer, ...facts } = shape;
    insert.run({
      ...facts,
      callerName: caller.name,
      callerKind: caller.kind,
      calleeName: callee.name,
      calleeKind: callee.kind,
      credentialKey: credential === null ? null : keepCredential(credential),
      isExpired: Number(isExpired),
      marks: marksOf(shape),
      peer: peer === null ? null : JSON.stringify(peer),
      evidence: JSON.stringify(evidence),
    });
  };
}

/** Bits of the column `marks`. */
const MARK = { premature: 1, changed: 2, interactive: 4 } as const;

function marksOf({ isPremature, isCredentialChanged, isInteractive }: Shape): number {
  return (
    (isPremature ? MARK.premature : 0) |
    (isCredentialChanged ? MARK.changed : 0) |
    (isInteractive ? MARK.interactive : 0)
  );
}

type Row = {
  readonly key: string;
  readonly environment: string;
  readonly callerEnvironment: string | null;
  readonly caller: string;
  readonly callerKind: GraphNode["kind"];
  readonly callee: string;
  readonly calleeKind: GraphNode["kind"];
  readonly type: Shape["type"];
  readonly via: string | null;
  readonly operation: string | null;
  readonly protocol: Shape["protocol"];
  readonly credentialSeenBy: Shape["credentialSeenBy"];
  readonly transport: Shape["transport"];
  readonly outcome: Shape["outcome"];
  readonly isExpired: number;
  readonly marks: number;
  readonly peer: string | null;
  readonly origin: Shape["origin"];
  readonly evidence: string;
  /** Null where nothing was presented; the rest of the credential is then null as well. */
  readonly slot: CredentialProfile["slot"] | null;
  readonly scheme: string;
  readonly format: CredentialProfile["format"];
  readonly role: CredentialProfile["role"];
  readonly quality: CredentialProfile["quality"];
  readonly issuer: string | null;
  readonly client: string | null;
  readonly audiences: string | null;
  readonly isVerified: number;
  /** The whole profile as JSON; null in rows of the first release, which had no more than stands beside. */
  readonly profile: string | null;
};

type CountedRow = Row & { readonly confidence: number; readonly count: number; readonly lastSeenMs: number | null };
type SeenRow = Row & Omit<SeenShape, "shape">;

const COLUMNS = `shape.key, environment, caller_environment AS callerEnvironment, caller, caller_kind AS callerKind,
  callee, callee_kind AS calleeKind, type, via, operation, protocol, credential_seen_by AS credentialSeenBy, transport,
  outcome, is_expired AS isExpired, origin, marks, peer_identity AS peer, evidence, slot, scheme, format, role, quality,
  issuer, client, audiences, is_verified AS isVerified, profile`;

/** Reads every shape on which hops are counted, with its example. */
export function shapeReader(db: Database.Database): () => readonly CountedShape[] {
  const select = db.prepare<[], CountedRow>(`
    SELECT ${COLUMNS}, counted.confidence, counted.count, counted.lastSeenMs
    FROM shape
    JOIN (
      SELECT shape_key, MIN(confidence) AS confidence, SUM(count) AS count, MAX(last_seen_ms) AS lastSeenMs
      FROM shape_count GROUP BY shape_key HAVING SUM(count) > 0
    ) AS counted ON counted.shape_key = shape.key
    LEFT JOIN credential ON credential.key = credential_key`);
  return () =>
    select.all().map((row) => ({
      shape: toShape(row),
      confidence: CONFIDENCES[row.confidence] ?? "peer",
      evidence: JSON.parse(row.evidence) as Evidence,
      count: row.count,
      ...(row.lastSeenMs === null ? {} : { lastSeenMs: row.lastSeenMs }),
    }));
}

/** Reads the shapes with hops in the hours of a range, those through proxies left out; callees that are known by their address by name. */
export function seenShapeReader(db: Database.Database): (range: TimeRange, book: AddressBook) => readonly SeenShape[] {
  const select = db.prepare<[number, number, number, number], SeenRow>(`
    WITH counted AS (
      SELECT shape_key, SUM(count) FILTER (WHERE hour BETWEEN ? AND ?) AS total,
        SUM(estimated) FILTER (WHERE hour BETWEEN ? AND ?) AS estimated,
        MIN(first_seen_ms) AS first_seen_ms, MAX(last_seen_ms) AS last_seen_ms
      FROM shape_count
      GROUP BY shape_key
      HAVING total > 0
    )
    SELECT ${COLUMNS}, total AS count, MAX(total, estimated) AS estimated,
      ${FIRST_SEEN} AS firstSeenMs, ${LAST_SEEN} AS lastSeenMs
    FROM counted
    JOIN shape ON shape.key = shape_key
    LEFT JOIN credential ON credential.key = credential_key
    WHERE type <> 'proxied'
    ORDER BY shape.key`);
  return (range, book) =>
    select.all(...hoursOf(range), ...hoursOf(range)).map((row) => {
      const { count, estimated, firstSeenMs, lastSeenMs } = row;
      return { shape: resolve(toShape(row), book), count, estimated, firstSeenMs, lastSeenMs };
    });
}

function resolve(shape: Shape, book: AddressBook): Shape {
  const service = shape.type === "direct" ? aliasedService(book, shape.environment, shape.callee) : null;
  return service === null ? shape : { ...shape, callee: { kind: "service", name: service } };
}

function toShape(row: Row): Shape {
  return {
    key: row.key,
    environment: row.environment,
    callerEnvironment: row.callerEnvironment,
    caller: { kind: row.callerKind, name: row.caller },
    callee: { kind: row.calleeKind, name: row.callee },
    type: row.type,
    via: row.via,
    operation: row.operation,
    protocol: row.protocol,
    credential: row.slot === null ? null : toProfile({ ...row, slot: row.slot }),
    credentialSeenBy: row.credentialSeenBy,
    transport: row.transport,
    outcome: row.outcome,
    isExpired: row.isExpired === 1,
    isPremature: (row.marks & MARK.premature) !== 0,
    isCredentialChanged: (row.marks & MARK.changed) !== 0,
    isInteractive: (row.marks & MARK.interactive) !== 0,
    peer: row.peer === null ? null : (JSON.parse(row.peer) as Shape["peer"]),
    origin: row.origin,
  };
}

function toProfile(row: Row & { readonly slot: CredentialProfile["slot"] }): CredentialProfile {
  const { slot, scheme, format, role, quality, issuer, client, profile } = row;
  if (profile !== null) return JSON.parse(profile) as CredentialProfile;
  const audiences = row.audiences === null ? null : (JSON.parse(row.audiences) as readonly string[]);
  const isVerified = row.isVerified === 1;
  return { ...UNKNOWN_CREDENTIAL, slot, scheme, format, role, quality, issuer, audiences, client, isVerified };
}
