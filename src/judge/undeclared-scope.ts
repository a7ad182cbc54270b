import type { CredentialProfile } from "../model/credential.ts";
import type { DecidingLine, Finding } from "../model/finding.ts";
import { isPublicOperation } from "./acceptance.ts";
import { entriesFor } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";

/** They ask an identity provider about the user, and open no service (OpenID Connect Core section 5.4 and 11). */
const OF_IDENTITY: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"]);

/** A token allows more than the call declares, or than the callee declares to take: one finding a scope. */
export function undeclaredScope(hop: JudgedHop): readonly Finding[] {
  if (isPublicOperation(hop)) return [];
  return eachOf(tokensOn(hop), (credential) =>
    (credential.scopes ?? []).flatMap((scope) => {
      const decidedBy = OF_IDENTITY.has(scope)
        ? null
        : (callLeavesOut(hop, scope) ?? calleeLeavesOut(hop, credential, scope));
      return decidedBy === null ? [] : [describe(hop, credential, { scope, decidedBy })];
    }),
  );
}

function callLeavesOut({ caller, call }: JudgedHop, scope: string): DecidingLine | null {
  const token = call?.token ?? null;
  if (call === null || token === null || token.scopes === null) return null;
  if (token.scopes.some((glob) => glob.matches(scope))) return null;
  const says = `services.${caller.name}.calls.${call.callee.text}.token.scopes does not name ${scope}`;
  return { position: token.position, says };
}

/** What the entries for the token's issuer and audience allow together; one that does not say allows all. */
function calleeLeavesOut(
  { callee, context }: JudgedHop,
  credential: CredentialProfile,
  scope: string,
): DecidingLine | null {
  const entries = entriesFor(callee, credential, context);
  const [first] = entries;
  const isAllowed = entries.some(({ allowedScopes, requiredScopes }) => {
    return (
      allowedScopes === null || requiredScopes.includes(scope) || allowedScopes.some((glob) => glob.matches(scope))
    );
  });
  if (first === undefined || isAllowed) return null;
  return { position: first.position, says: `services.${callee.name}.accepts allows no scope ${scope}` };
}

type Undeclared = { readonly scope: string; readonly decidedBy: DecidingLine };

function describe(hop: JudgedHop, credential: CredentialProfile, { scope, decidedBy }: Undeclared): Finding {
  const { caller, callee } = hop;
  return createFinding({
    rule: "undeclared-scope",
    subject: subjectOf(hop, credential),
    keyFields: [caller.name, callee.name, scope],
    summary: `${callerName(hop)} called ${callee.name} with a token for scope ${scope}, which is not declared`,
    decidedBy,
    about: { scope },
    confidence: hop.credentialConfidence,
  });
}
