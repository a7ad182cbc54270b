import type { AuthMethod, CallDeclaration } from "../model/baseline.ts";
import type { DecidingLine, Finding } from "../model/finding.ts";
import { isPublicOperation } from "./acceptance.ts";
import { methodsOn } from "./auth-method.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { subjectOf } from "./presented-tokens.ts";

const TOKENS: ReadonlySet<AuthMethod> = new Set(["jwt", "opaque", "transaction"]);

/** A declared call authenticates in a way that it does not declare, or shows a token where it is to show none. */
export function authMethodDrift(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, call } = hop;
  if (call === null || isPublicOperation(hop)) return [];
  return methodsOn(hop).flatMap(({ credential, method }) => {
    const decidedBy = refuses(call, method, caller.name);
    if (decidedBy === null) return [];
    return [
      createFinding({
        rule: "auth-method-drift",
        subject: subjectOf(hop, credential),
        keyFields: [caller.name, callee.name, method],
        summary: `${callerName(hop)} authenticated to ${callee.name} by ${NAMES[method]}, which the call does not declare`,
        decidedBy,
        confidence: hop.credentialConfidence,
      }),
    ];
  });
}

const NAMES: Record<AuthMethod, string> = {
  jwt: "a JWT",
  opaque: "an opaque token",
  "api-key": "an API key",
  basic: "a password",
  signature: "a signature",
  session: "a session",
  transaction: "a transaction token",
  mtls: "a certificate",
  none: "nothing",
};

function refuses(
  { token, auth, position, callee }: CallDeclaration,
  method: AuthMethod,
  caller: string,
): DecidingLine | null {
  const path = `services.${caller}.calls.${callee.text}`;
  if (token?.mode === "none" && TOKENS.has(method)) {
    return { position: token.position, says: `${path}.token.mode is none` };
  }
  return auth === null || auth.includes(method) ? null : { position, says: `${path}.auth does not name ${method}` };
}
