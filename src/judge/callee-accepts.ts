import type { AcceptDeclaration } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import { isComparableBearer } from "./credential-family.ts";
import { issuerName } from "./issuer-profile.ts";
import type { JudgeContext } from "./judge-context.ts";
import { type Party, serviceDeclaration } from "./party.ts";
import { audiencesOf, namesAudience } from "./token-audiences.ts";

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
  const audiences = audiencesOf(credential, context);
  if (accepts.length === 0) return audiences !== null || isComparableBearer(credential) ? "others" : "unchecked";
  if (audiences === null || audiences.length === 0) return "unchecked";
  return entriesFor(callee, credential, context).length > 0 ? "callee" : "others";
}

/** The entries of the callee's `accepts` that a token meets by issuer and, where it shows any, by audience. */
export function entriesFor(
  callee: Party,
  credential: CredentialProfile,
  context: JudgeContext,
): readonly AcceptDeclaration[] {
  const accepts = serviceDeclaration(callee)?.accepts ?? [];
  const audiences = audiencesOf(credential, context) ?? [];
  const entries = entriesForIssuer(accepts, credential.issuer, context);
  if (audiences.length === 0) return entries;
  return entries.filter((entry) =>
    audiences.some((audience) => namesAudience(entry.audiences, audience, credential, context)),
  );
}

/** True where the callee's `accepts` names the issuer. */
export function acceptsIssuer(callee: Party, issuer: string, context: JudgeContext): boolean {
  const accepts = serviceDeclaration(callee)?.accepts ?? [];
  return accepts.some((entry) => issuerName(entry.issuer, context) === issuerName(issuer, context));
}

/** An issuer that the baseline does not know is a matter of its own: there, only the audiences are compared. */
function entriesForIssuer(
  accepts: readonly AcceptDeclaration[],
  issuer: string | null,
  context: JudgeContext,
): readonly AcceptDeclaration[] {
  if (issuer === null) return accepts;
  const name = issuerName(issuer, context);
  const own = accepts.filter((entry) => issuerName(entry.issuer, context) === name);
  const isKnown = own.length > 0 || context.baseline.issuers.has(name);
  return isKnown ? own : accepts;
}
