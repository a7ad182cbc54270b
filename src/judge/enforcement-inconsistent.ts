import type { CredentialProfile } from "../model/credential.ts";
import type { Presentation } from "../model/facts.ts";
import { addressedTo } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import type { JudgeContext } from "./judge-context.ts";
import { serviceDeclaration } from "./party.ts";
import type { HeldPair, Holders, PairFinding } from "./presenters.ts";

/**
 * One service refused a token that by its own declaration it should refuse, and another one, which takes tokens of the
 * same issuer and should refuse it as well, accepted it: one lax door among strict ones. That a token opens one door and
 * not another is no inconsistency by itself: permissions differ.
 */
export function enforcementInconsistent(
  { credential }: Presentation,
  { all }: Holders,
  context: JudgeContext,
): readonly PairFinding[] {
  const barred = all.filter((pair) => isBarred(pair, credential, context));
  const strict = barred.find(({ isRefused, isAccepted }) => isRefused && !isAccepted);
  if (strict === undefined) return [];
  const lax = barred.filter(({ isAccepted }) => isAccepted);
  return lax.map((pair) => {
    const { environment, presenterParty: caller, recipientParty: callee } = pair;
    const declaration = serviceDeclaration(callee);
    const finding = createFinding({
      rule: "enforcement-inconsistent",
      subject: { environment, caller, callee, operation: null, credential, outcome: "ok" },
      keyFields: [callee.name, ...familyOf(credential)],
      summary: `${callee.name} accepted a token that ${strict.recipientParty.name} refused, and should have refused it too`,
      decidedBy: declaration && {
        position: declaration.acceptsPosition ?? declaration.position,
        says: `services.${callee.name}.accepts does not let this token in`,
      },
      confidence: "medium",
    });
    return { finding, pair };
  });
}

/** The recipient takes tokens of this issuer, and not this one: it is for others, or has too few scopes. */
function isBarred({ recipientParty }: HeldPair, credential: CredentialProfile, context: JudgeContext): boolean {
  const accepts = serviceDeclaration(recipientParty)?.accepts ?? [];
  const own = accepts.filter(({ issuer }) => context.owners.isSameIssuer(issuer, credential.issuer));
  if (own.length === 0) return false;
  if (addressedTo(recipientParty, credential, context) === "others") return true;
  const { scopes } = credential;
  return scopes !== null && own.every(({ requiredScopes }) => requiredScopes.some((scope) => !scopes.includes(scope)));
}
