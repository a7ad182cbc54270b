import type { Presentation } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import type { Evidence } from "../model/graph.ts";
import { isComparableBearer } from "./credential-family.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";
import { isDeclared } from "./party.ts";
import { type Holders, lookUpHolders, outcomeOf } from "./presenters.ts";
import { type PairFinding, tokenMultiPresenter } from "./token-multi-presenter.ts";
import { tokenRelayed } from "./token-relayed.ts";

/** All findings on one fingerprint and its holders, each with the evidence that shows it. Pure and total. */
export function judgePresentation(
  presentation: Presentation,
  context: JudgeContext,
): readonly { readonly finding: Finding; readonly evidence: Evidence }[] {
  const { credential } = presentation;
  if (isWithoutBaseline(context) || !isComparableBearer(credential) || credential.role === "transaction") return [];
  const holders = lookUpHolders(presentation, context);
  const found = [...tokenMultiPresenter(presentation, holders), ...relayedAcrossTraces(presentation, holders)];
  return found.map(({ finding, pair }) => ({ finding, evidence: pair.evidence }));
}

/**
 * A service received the token, and presented it later in another trace. Within one trace the assembler has seen the
 * relay itself (`isRelayed`), which is judged as such.
 */
function relayedAcrossTraces({ credential }: Presentation, { pairs, receivedAtMs }: Holders): readonly PairFinding[] {
  return pairs.flatMap((pair) => {
    const { environment, presenterParty: caller, recipientParty: callee } = pair;
    const receivedMs = receivedAtMs.get(caller.name);
    if (pair.isRelayed || receivedMs === undefined || receivedMs > pair.firstMs) return [];
    if (!isCallable(callee) || (!isDeclared(caller) && !isDeclared(callee))) return [];
    const relayed = {
      subject: { environment, caller, callee, operation: null, credential, outcome: outcomeOf(pair) },
      call: declaredCall(caller, callee),
      verdict: "suspicious",
      confidence: "medium",
    } as const;
    return tokenRelayed(relayed).map((finding) => ({ finding, pair }));
  });
}
