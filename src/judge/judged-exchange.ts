import type { CallDeclaration } from "../model/baseline.ts";
import type { Exchange } from "../model/facts.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isDeclared } from "./party.ts";
import type { RelayedToken } from "./token-relayed.ts";

/** A service that received one token and presented another, looked up: what the rules about exchanges read. */
export type JudgedExchange = {
  readonly fact: Exchange;
  readonly subject: RelayedToken["subject"];
  /** The exchanging service's entry for the next one. */
  readonly call: CallDeclaration | null;
  /** Both tokens are of one issuer: only then do subjects and scopes of the one mean something in the other. */
  readonly isOfOneIssuer: boolean;
  readonly context: JudgeContext;
};

/** Looks up what the baseline says of an exchange; null where neither side is declared, or it is no call. */
export function lookUpExchange(fact: Exchange, context: JudgeContext): JudgedExchange | null {
  const { environment, operation, presented, received, outcome } = fact;
  const caller = context.names.caller({ kind: "service", name: fact.service });
  const callee = context.names.callee(fact.next, environment);
  if (!isCallable(callee) || caller.name === callee.name || (!isDeclared(caller) && !isDeclared(callee))) return null;
  return {
    fact,
    subject: { environment, caller, callee, operation, credential: presented, outcome },
    call: declaredCall(caller, callee),
    isOfOneIssuer: context.owners.isSameIssuer(received.issuer, presented.issuer),
    context,
  };
}
