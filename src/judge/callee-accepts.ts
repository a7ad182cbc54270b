import type { AcceptDeclaration } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import { isComparableBearer, knownAudiences } from "./credential-family.ts";
import type { JudgeContext } from "./judge-context.ts";
import { type Party, serviceDeclaration } from "./party.ts";

/**
 * Whether a token is addressed to a service, by what the service declares in `accepts`.
 * `unchecked`: the service declares nothing, or the token's audiences are not known.
 */
export function addressedTo(
  callee: Party,
  credential: CredentialProfile | null,
  context: JudgeContext,
): "callee" | "others" | "unchecked" {
  const accepts = serviceDeclaration(callee)?.accepts ?? null;
  if (accepts === null || credential === null) return "unchecked";
  const audiences = knownAudiences(credential);
  if (accepts.length === 0) return audiences !== null || isComparableBearer(credential) ? "others" : "unchecked";
  if (audiences === null || audiences.length === 0) return "unchecked";
  const entries = entriesForIssuer(accepts, credential.issuer, context);
  const isNamed = entries.some((entry) => audiences.some((audience) => matchesAny(entry, audience)));
  return isNamed ? "callee" : "others";
}

/** An issuer that the baseline does not know is a matter of its own: there, only the audiences are compared. */
function entriesForIssuer(
  accepts: readonly AcceptDeclaration[],
  issuer: string | null,
  { issuerNames }: JudgeContext,
): readonly AcceptDeclaration[] {
  if (issuer === null) return accepts;
  const nameOf = (known: string): string => issuerNames.get(withoutSlash(known)) ?? withoutSlash(known);
  const own = accepts.filter((entry) => nameOf(entry.issuer) === nameOf(issuer));
  const isKnown = own.length > 0 || issuerNames.has(withoutSlash(issuer));
  return isKnown ? own : accepts;
}

function matchesAny({ audiences }: AcceptDeclaration, audience: string): boolean {
  return audiences.some((glob) => glob.matches(audience));
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/+$/u, "");
}
