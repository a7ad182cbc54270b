import type { CallDeclaration } from "../model/baseline.ts";
import type { Exchange } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import type { JudgedExchange } from "./judged-exchange.ts";
import { describeRelay, type RelayedToken } from "./token-relayed.ts";

/** The call declares mode exchange, and the token that was received went out again. */
export function exchangeExpectedNotSeen(relayed: RelayedToken): readonly Finding[] {
  const { subject, call, verdict, confidence } = relayed;
  if (call === null || !demandsExchange(call)) return [];
  const issuer = subject.credential?.issuer ?? "";
  return [finish(call, { subject, issuer, summary: describeRelay(relayed), verdict, confidence })];
}

/**
 * The call declares mode exchange, and another token went out that nobody can have exchanged: it is of the same subject,
 * made for the same client and the same audiences, and names no actor.
 */
export function exchangeInNameOnly({ fact, subject, call }: JudgedExchange): readonly Finding[] {
  if (call === null || !demandsExchange(call) || !isSibling(fact)) return [];
  const { caller, callee } = subject;
  const summary = `${caller.name} presented to ${callee.name} another token for what it had received one for`;
  return [finish(call, { subject, issuer: fact.presented.issuer ?? "", summary, confidence: "medium" })];
}

/** True where a call declares that its token is made for it. */
export function demandsExchange({ token }: CallDeclaration): boolean {
  return token?.mode === "exchange";
}

function isSibling({ received, presented, isSameSubject }: Exchange): boolean {
  if (isSameSubject !== true || presented.actors.length > 0 || received.client === null) return false;
  if (received.audiences === null || received.audiences.length === 0 || received.issuer === null) return false;
  const [before, after] = [received, presented].map(({ issuer, client, audiences }) =>
    JSON.stringify([issuer, client, audiences]),
  );
  return before === after;
}

type Parts = Pick<Draft, "summary" | "confidence" | "verdict"> & {
  readonly subject: RelayedToken["subject"];
  readonly issuer: string;
};

function finish(call: CallDeclaration, { subject, issuer, ...parts }: Parts): Finding {
  const { caller, callee } = subject;
  return createFinding({
    rule: "exchange-expected-not-seen",
    subject,
    keyFields: [caller.name, callee.name, issuer],
    decidedBy: {
      position: call.token?.position ?? call.position,
      says: `services.${caller.name}.calls.${call.callee.text}.token.mode is exchange`,
    },
    ...parts,
  });
}
