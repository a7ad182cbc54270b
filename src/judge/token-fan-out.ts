import type { CallDeclaration } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { Presentation } from "../model/facts.ts";
import { addressedTo } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf, knownAudiences } from "./credential-family.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import type { JudgeContext } from "./judge-context.ts";
import { hasTrait } from "./may-relay.ts";
import type { Party } from "./party.ts";
import { type Holders, type JudgedPair, outcomeOf, ownPairs, type PairFinding } from "./presenters.ts";

/** A pair on a call whose token is declared. */
type SpokenPair = JudgedPair & { readonly call: CallDeclaration };

/**
 * A service presents one token of its own to more services than the call's `maxRecipients`, or than the token names
 * audiences. Calls whose token nobody declared are not counted, nor are tokens that are bound to their sender.
 */
export function tokenFanOut(
  { credential }: Presentation,
  holders: Holders,
  context: JudgeContext,
): readonly PairFinding[] {
  if (credential.confirmation !== null) return [];
  const presenters = Map.groupBy(spokenPairs(holders), ({ presenterParty }) => presenterParty.name);
  return [...presenters.values()].flatMap((pairs) => {
    const excess = findExcess(pairs, credential, context);
    if (excess === null) return [];
    const { pair, limit } = excess;
    const { environment, presenterParty: caller, recipientParty: callee, call } = pair;
    const recipients = recipientsOf(pairs);
    const finding = createFinding({
      rule: "token-fan-out",
      subject: { environment, caller, callee, operation: null, credential, outcome: outcomeOf(pair) },
      keyFields: [...familyOf(credential), caller.name],
      summary: `${caller.name} presented one token to ${recipients.length} services: ${recipients.join(", ")}`,
      decidedBy: {
        position: call.token?.position ?? call.position,
        says: `services.${caller.name}.calls.${call.callee.text}.token lets one token go to ${limit}`,
      },
      confidence: "high",
    });
    return [{ finding, pair }];
  });
}

/** In the order of first use; a call that refused the token every time did not take it. */
function spokenPairs(holders: Holders): readonly SpokenPair[] {
  return ownPairs(holders).flatMap((pair) => {
    const { presenterParty, recipientParty } = pair;
    if (!isCallable(recipientParty) || hasTrait(recipientParty, "control-plane") || isOnlyRefused(pair)) return [];
    if (hasTrait(presenterParty, "gateway", "proxy")) return [];
    const call = declaredCall(presenterParty, recipientParty);
    return call === null || call.token === null ? [] : [{ ...pair, call }];
  });
}

/** The pair with which the limit is passed. */
function findExcess(
  pairs: readonly SpokenPair[],
  credential: CredentialProfile,
  context: JudgeContext,
): { readonly pair: SpokenPair; readonly limit: number } | null {
  const limit = limitOf(pairs, credential, context);
  const seen = new Set<string>();
  for (const pair of pairs) {
    seen.add(pair.recipientParty.name);
    if (seen.size > limit) return { pair, limit };
  }
  return null;
}

/** The strictest of the declared ones, else the token's number of audiences where they do not speak for all of them. */
function limitOf(pairs: readonly SpokenPair[], credential: CredentialProfile, context: JudgeContext): number {
  const declared = pairs.flatMap(({ call }) => call.token?.maxRecipients ?? []);
  if (declared.length > 0) return Math.min(...declared);
  const audiences = knownAudiences(credential) ?? [];
  const isMeantForAll = pairs.every(({ recipientParty, call }) => {
    return isDeclaredAudience(call, audiences) || addressedTo(recipientParty, credential, context) === "callee";
  });
  return audiences.length === 0 || isMeantForAll ? Number.POSITIVE_INFINITY : audiences.length;
}

function isDeclaredAudience({ token }: CallDeclaration, audiences: readonly string[]): boolean {
  return token?.audiences?.some((glob) => audiences.some((audience) => glob.matches(audience))) ?? false;
}

function isOnlyRefused({ isRefused, isAccepted }: JudgedPair): boolean {
  return isRefused && !isAccepted;
}

function recipientsOf(pairs: readonly { readonly recipientParty: Party }[]): readonly string[] {
  return [...new Set(pairs.map(({ recipientParty }) => recipientParty.name))].sort();
}
