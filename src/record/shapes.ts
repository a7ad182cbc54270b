import type Database from "better-sqlite3";
import type { CredentialProfile } from "../model/credential.ts";
import type { NewShape } from "../model/facts.ts";
import { CONFIDENCES, type Evidence, type GraphNode, type Shape } from "../model/graph.ts";
import type { CountedShape } from "../model/store.ts";

/** Keeps shapes; one that is there already stays as it is, whatever process finds it new. */
export function shapeWriter(
  db: Database.Database,
  keepCredential: (profile: CredentialProfile) => string,
): (found: NewShape) => void {
  const insert = db.prepare(`
    INSERT INTO shape (
      key, environment, caller_environment, caller, caller_kind, callee, callee_kind, type, via, operation, protocol,
      credential_key, credential_seen_by, transport, outcome, is_expired, origin, evidence
    ) VALUES (
      @key, @environment, @callerEnvironment, @callerName, @callerKind, @calleeName, @calleeKind, @type, @via,
      @operation, @protocol, @credentialKey, @credentialSeenBy, @transport, @outcome, @isExpired, @origin, @evidence
    )
    ON CONFLICT DO NOTHING`);
  return ({ shape, evidence }) => {
    const { caller, callee, credential, isExpired, ...facts } = shape;
    insert.run({
      ...facts,
      callerName: caller.name,
      callerKind: caller.kind,
      calleeName: callee.name,
      calleeKind: callee.kind,
      credentialKey: credential === null ? null : keepCredential(credential),
      isExpired: Number(isExpired),
      evidence: JSON.stringify(evidence),
    });
  };
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
  readonly origin: Shape["origin"];
  readonly evidence: string;
  readonly confidence: number;
  readonly count: number;
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
};

/** Reads every shape on which hops are counted, with its example. */
export function shapeReader(db: Database.Database): () => readonly CountedShape[] {
  const select = db.prepare<[], Row>(`
    SELECT shape.key, environment, caller_environment AS callerEnvironment, caller, caller_kind AS callerKind, callee,
      callee_kind AS calleeKind, type, via, operation, protocol, credential_seen_by AS credentialSeenBy, transport,
      outcome, is_expired AS isExpired, origin, evidence, counted.confidence, counted.count, slot, scheme, format, role,
      quality, issuer, client, audiences, is_verified AS isVerified
    FROM shape
    JOIN (
      SELECT shape_key, MIN(confidence) AS confidence, SUM(count) AS count
      FROM shape_count GROUP BY shape_key HAVING SUM(count) > 0
    ) AS counted ON counted.shape_key = shape.key
    LEFT JOIN credential ON credential.key = credential_key`);
  return () => select.all().map(toShape);
}

function toShape(row: Row): CountedShape {
  const shape: Shape = {
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
    origin: row.origin,
  };
  const confidence = CONFIDENCES[row.confidence] ?? "peer";
  return { shape, confidence, evidence: JSON.parse(row.evidence) as Evidence, count: row.count };
}

function toProfile(row: Row & { readonly slot: CredentialProfile["slot"] }): CredentialProfile {
  const { slot, scheme, format, role, quality, issuer, client } = row;
  const audiences = row.audiences === null ? null : (JSON.parse(row.audiences) as readonly string[]);
  return { slot, scheme, format, role, quality, issuer, audiences, client, isVerified: row.isVerified === 1 };
}
