import type { Finding } from "../model/finding.ts";
import type { Outcome } from "../model/graph.ts";
import { addressedTo } from "./callee-accepts.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { meantFor } from "./credential-family.ts";
import { demandsExchange } from "./exchange-expected-not-seen.ts";
import type { JudgeContext } from "./judge-context.ts";
import { serviceDeclaration } from "./party.ts";
import { isExcusedRelay, type RelayedToken } from "./token-relayed.ts";

/** A relayed token is not addressed to the service that it reached. Passthrough excuses the relay, never the audience. */
export function tokenRelayedPastAudience(relayed: RelayedToken, context: JudgeContext): readonly Finding[] {
  const { subject, confidence } = relayed;
  const { caller, callee, credential, outcome } = subject;
  if (credential === null || addressedTo(callee, credential, context) !== "others") return [];
  const declaration = serviceDeclaration(callee);
  return [
    createFinding({
      rule: "token-relayed-past-audience",
      subject,
      keyFields: [caller.name, callee.name, credential.issuer ?? ""],
      ...weigh(outcome),
      summary: `${caller.name} relayed ${meantFor(credential.audiences ?? [])} to ${callee.name}${alsoTrue(relayed)}`,
      decidedBy: declaration && {
        position: declaration.acceptsPosition ?? declaration.position,
        says: `services.${callee.name}.accepts has no entry for this issuer and these audiences`,
      },
      confidence,
    }),
  ];
}

function weigh(outcome: Outcome): Pick<Draft, "verdict" | "startingAt"> {
  if (outcome === "ok") return {};
  if (outcome !== "refused") return { verdict: "suspicious" };
  return { startingAt: { severity: "high", because: "High at first: the token was not accepted." } };
}

function relayFacts(relayed: RelayedToken): readonly string[] {
  if (relayed.call !== null && demandsExchange(relayed.call)) return ["exchange-expected-not-seen"];
  return isExcusedRelay(relayed) ? [] : ["token-relayed"];
}

/** What the winning finding stands for besides itself. */
function alsoTrue(relayed: RelayedToken): string {
  const facts = [...(relayed.subject.outcome === "ok" ? ["audience-mismatch-accepted"] : []), ...relayFacts(relayed)];
  return facts.length === 0 ? "" : ` (also ${facts.join(" and ")})`;
}
