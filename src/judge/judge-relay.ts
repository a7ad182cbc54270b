import type { Relay } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { isComparableBearer } from "./credential-family.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import { exchangeExpectedNotSeen } from "./exchange-expected-not-seen.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";
import { isDeclared } from "./party.ts";
import { type RelayedToken, tokenRelayed } from "./token-relayed.ts";
import { tokenRelayedPastAudience } from "./token-relayed-past-audience.ts";

/** The one finding on a relay that was seen within a trace, the gravest of those that may apply; or none. */
export function judgeRelay(relay: Relay, context: JudgeContext): readonly Finding[] {
  const { environment, operation, credential, outcome, next } = relay;
  if (isWithoutBaseline(context) || !isComparableBearer(credential) || credential.role === "transaction") return [];
  const caller = context.names.caller({ kind: "service", name: relay.service });
  const callee = context.names.callee(next, environment);
  if (!isCallable(callee) || caller.name === callee.name || (!isDeclared(caller) && !isDeclared(callee))) return [];
  const relayed = {
    subject: { environment, caller, callee, operation, credential, outcome },
    call: declaredCall(caller, callee),
    verdict: "violation",
    confidence: next.kind === "external" ? "medium" : "high",
  } as const;
  const pastAudience = tokenRelayedPastAudience(relayed, context);
  return pastAudience.length > 0 ? pastAudience : judgeRelayedToken(relayed);
}

/** The one finding on a token that was received and presented again, its audience aside: what the call demands first. */
export function judgeRelayedToken(relayed: RelayedToken): readonly Finding[] {
  const unexchanged = exchangeExpectedNotSeen(relayed);
  return unexchanged.length > 0 ? unexchanged : tokenRelayed(relayed);
}
