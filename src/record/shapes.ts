import type Database from "better-sqlite3";
import type { CredentialProfile } from "../model/credential.ts";
import type { NewShape } from "../model/facts.ts";

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
