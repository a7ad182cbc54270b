import type { Presentation } from "../model/facts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import { isDeclared } from "./party.ts";
import { type Holders, type JudgedPair, outcomeOf, type PairFinding } from "./presenters.ts";

/**
 * A person's token is presented by a service that nobody had called: by a timer, a job, or the consumer of a message.
 * Where the call declares passthrough, a message may hand the token on for as long as it is valid.
 */
export function storedUserTokenInAutomation(
  { credential, expiresAtS }: Presentation,
  { pairs }: Holders,
): readonly PairFinding[] {
  if (credential.subjectKind !== "user") return [];
  return pairs.flatMap((pair) => {
    const { environment, presenterParty: caller, recipientParty: callee } = pair;
    if (!pair.isAutomated || !isCallable(callee) || (!isDeclared(caller) && !isDeclared(callee))) return [];
    if (isHandedOn(pair, expiresAtS)) return [];
    const finding = createFinding({
      rule: "stored-user-token-in-automation",
      subject: { environment, caller, callee, operation: null, credential, outcome: outcomeOf(pair) },
      keyFields: [...familyOf(credential), caller.name],
      summary: `${caller.name} presented a person's token to ${callee.name} when nobody had called it`,
      decidedBy: null,
      confidence: "medium",
    });
    return [{ finding, pair }];
  });
}

function isHandedOn({ presenterParty, recipientParty, firstMs }: JudgedPair, expiresAtS: number | null): boolean {
  if (declaredCall(presenterParty, recipientParty)?.token?.mode !== "passthrough") return false;
  return expiresAtS === null || firstMs <= expiresAtS * 1000;
}
