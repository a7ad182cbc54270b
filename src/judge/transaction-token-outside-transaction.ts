import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { issuerProfile } from "./issuer-profile.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import type { JudgedReuse } from "./judged-reuse.ts";
import { isDeclared } from "./party.ts";

/** As long as a transaction may last where its issuer's profile says nothing. */
const LIFETIME_S = 5 * 60;

/**
 * A transaction token turned up in another trace, later than its transaction can have lasted. Before that, a trace may
 * just have been cut in two on its way.
 */
export function transactionTokenOutsideTransaction(reuse: JudgedReuse): readonly Finding[] {
  const { fact, subject, who, context } = reuse;
  if (fact.kind !== "transaction" || fact.apartMs <= lifetimeOf(fact.credential.issuer, context) * 1000) return [];
  const minutes = Math.round(fact.apartMs / 60_000);
  return [finish(subject, who, `${minutes} minutes after its transaction`, fact.outcome === "ok")];
}

/** A transaction token was accepted after its expiry, which is its transaction's end. */
export function transactionTokenExpired({ shape, subject, caller, callee }: JudgedHop): readonly Finding[] {
  const isOfTransaction = shape.credential?.role === "transaction";
  if (!isOfTransaction || !shape.isExpired || shape.outcome !== "ok" || ![caller, callee].some(isDeclared)) return [];
  return [finish({ ...subject, callee }, subject.caller?.name ?? "an unseen caller", "after its expiry", true)];
}

function finish(subject: JudgedReuse["subject"], who: string, when: string, isAccepted: boolean): Finding {
  const isKnown = isAccepted || subject.outcome === "refused";
  return createFinding({
    rule: "transaction-token-outside-transaction",
    subject,
    keyFields: [...familyOf(subject.credential), subject.caller?.name ?? "", subject.callee.name],
    verdict: isKnown ? "violation" : "suspicious",
    summary: `${who} presented a transaction token to ${subject.callee.name} ${when}`,
    decidedBy: null,
    confidence: "medium",
  });
}

function lifetimeOf(issuer: string | null, context: JudgeContext): number {
  return issuerProfile(issuer, context)?.maxLifetimeS.transaction ?? LIFETIME_S;
}
