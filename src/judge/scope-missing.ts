import type { AcceptDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { entriesFor } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { subjectOf, tokensOn } from "./presented-tokens.ts";

/** The callee took a token without a scope that its `accepts` requires, and none that has them all came beside it. */
export function scopeMissing(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, context } = hop;
  const verdict = acceptance(hop);
  if (verdict === null) return [];
  const checked = tokensOn(hop).flatMap((credential) => {
    const entries = credential.scopes === null ? [] : entriesFor(callee, credential, context);
    return entries.map((entry) => ({ credential, entry, missing: missingFrom(entry, credential.scopes ?? []) }));
  });
  const [first] = checked;
  if (first === undefined || checked.some(({ missing }) => missing.length === 0)) return [];
  const { credential, entry, missing } = first;
  return [
    createFinding({
      rule: "scope-missing",
      subject: subjectOf(hop, credential),
      keyFields: [caller.name, callee.name, missing],
      verdict,
      summary: `${callee.name} accepted a token without ${scopes(missing)} from ${callerName(hop)}`,
      decidedBy: { position: entry.position, says: `services.${callee.name}.accepts requires ${scopes(missing)}` },
      ...(missing[0] === undefined ? {} : { about: { scope: missing[0] } }),
      confidence: hop.credentialConfidence,
    }),
  ];
}

function missingFrom({ requiredScopes }: AcceptDeclaration, shown: readonly string[]): readonly string[] {
  return requiredScopes.filter((scope) => !shown.includes(scope)).sort();
}

function scopes(names: readonly string[]): string {
  return `scope ${names.join(" and ")}`;
}
