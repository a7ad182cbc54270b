import type { Presentation } from "../model/facts.ts";
import { createFinding } from "./create-finding.ts";
import { isHumanClient, ownershipOf } from "./identity-owner.ts";
import type { JudgeContext } from "./judge-context.ts";
import { hasTrait } from "./may-relay.ts";
import { isDeclared } from "./party.ts";
import { type Holders, type JudgedPair, outcomeOf, ownPairs, type PairFinding } from "./presenters.ts";

/** Several services present one key or password, each on its own account, and no declared identity lets them share it. */
export function sharedStaticSecret(
  { credential }: Presentation,
  holders: Holders,
  context: JudgeContext,
): readonly PairFinding[] {
  if (isHumanClient(credential, context)) return [];
  const sharers = new Map<string, JudgedPair>();
  for (const pair of ownPairs(holders)) {
    const { presenterParty } = pair;
    if (sharers.has(presenterParty.name) || hasTrait(presenterParty, "gateway", "proxy", "control-plane")) continue;
    if (ownershipOf(credential, presenterParty, context) !== "own") sharers.set(presenterParty.name, pair);
  }
  const [first, ...others] = sharers.values();
  if (first === undefined) return [];
  return others.flatMap((pair) => {
    const { environment, presenterParty: caller, recipientParty: callee } = pair;
    if (![first.presenterParty, caller, callee].some(isDeclared)) return [];
    const both = [first.presenterParty.name, caller.name].sort();
    const finding = createFinding({
      rule: "shared-static-secret",
      subject: { environment, caller, callee, operation: null, credential, outcome: outcomeOf(pair) },
      keyFields: [credential.keyId ?? credential.carrier ?? credential.slot, both],
      summary: `${both.join(" and ")} present the same static secret`,
      decidedBy: null,
      confidence: "high",
    });
    return [{ finding, pair }];
  });
}
