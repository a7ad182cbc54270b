import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { ownsWorkload } from "./identity-owner.ts";
import type { JudgedExchange } from "./judged-exchange.ts";
import { hasTrait } from "./may-relay.ts";

/** Longer chains than any design draws. */
const ACTORS_MAX = 5;

/**
 * A token that is presented on behalf of somebody does not say so rightly: its current actor is another service, its
 * chain of actors is too long, or it is another person's and names no actor at all.
 */
export function actorChainMismatch(exchange: JudgedExchange): readonly Finding[] {
  const { subject, fact } = exchange;
  const { caller, callee } = subject;
  const wrong = wrongWith(exchange);
  if (wrong === null) return [];
  return [
    createFinding({
      rule: "actor-chain-mismatch",
      subject,
      keyFields: [caller.name, callee.name, fact.presented.issuer ?? ""],
      summary: `${caller.name} presented to ${callee.name} a token ${wrong}`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}

function wrongWith({ fact, subject, isOfOneIssuer, context }: JudgedExchange): string | null {
  const { received, presented, isSameSubject } = fact;
  const { caller } = subject;
  const [actor] = presented.actors;
  if (presented.role === "transaction" || presented.role === "proof") return null;
  if (presented.actors.length > ACTORS_MAX) return `with ${presented.actors.length} actors`;
  if (actor !== undefined) return ownsWorkload(actor, caller, context) === "another's" ? `of the actor ${actor}` : null;
  const isOfPeople = received.subjectKind === "user" && presented.subjectKind === "user";
  if (!isOfPeople || !isOfOneIssuer || isSameSubject !== false) return null;
  return hasTrait(caller, "gateway", "exchanger", "control-plane") ? null : "of another person than it acts for";
}
