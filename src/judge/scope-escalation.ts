import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedExchange } from "./judged-exchange.ts";
import { serviceDeclaration } from "./party.ts";

/** They ask about the person, and open nothing. */
const ABOUT_PEOPLE: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"]);

/**
 * A service turned a token into one of the same subject, for the same resource, that may do more. What a scope means
 * depends on the resource: tokens for another one are compared with what is declared, not with each other.
 */
export function scopeEscalation(exchange: JudgedExchange): readonly Finding[] {
  const { fact, subject } = exchange;
  const { caller, callee } = subject;
  if (!isComparable(exchange)) return [];
  const held = new Set(fact.received.scopes ?? []);
  const added = (fact.presented.scopes ?? []).filter(
    (scope) => !held.has(scope) && !ABOUT_PEOPLE.has(scope) && !isDeclaredScope(scope, exchange),
  );
  const [first] = added;
  if (first === undefined) return [];
  return [
    createFinding({
      rule: "scope-escalation",
      subject,
      keyFields: [caller.name, callee.name, fact.presented.issuer ?? "", added],
      summary: `${caller.name} presented to ${callee.name} a token with more scopes than it had received: ${added.join(", ")}`,
      decidedBy: null,
      confidence: "medium",
      about: { scope: first },
    }),
  ];
}

function isComparable({ fact, isOfOneIssuer }: JudgedExchange): boolean {
  const { received, presented, isSameSubject } = fact;
  // A service's own token is another subject's, and not made of the received one.
  if (isSameSubject !== true || !isOfOneIssuer || received.scopes === null) return false;
  const audiences = new Set(received.audiences ?? []);
  return (presented.audiences ?? []).some((audience) => audiences.has(audience));
}

function isDeclaredScope(scope: string, { call, subject }: JudgedExchange): boolean {
  const accepts = serviceDeclaration(subject.callee)?.accepts ?? [];
  return (
    (call?.token?.scopes?.some((glob) => glob.matches(scope)) ?? false) ||
    accepts.some(({ requiredScopes, allowedScopes }) => {
      return requiredScopes.includes(scope) || (allowedScopes?.some((glob) => glob.matches(scope)) ?? false);
    })
  );
}
