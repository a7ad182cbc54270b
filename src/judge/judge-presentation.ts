import type { Presentation } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import type { Evidence } from "../model/graph.ts";
import { isComparableBearer } from "./credential-family.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import { enforcementInconsistent } from "./enforcement-inconsistent.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";
import { judgeRelayedToken } from "./judge-relay.ts";
import { isDeclared } from "./party.ts";
import { type Holders, lookUpHolders, outcomeOf, type PairFinding } from "./presenters.ts";
import { relayDepthExceeded } from "./relay-depth-exceeded.ts";
import { sharedStaticSecret } from "./shared-static-secret.ts";
import { storedUserTokenInAutomation } from "./stored-user-token-in-automation.ts";
import { tokenAudienceProbing } from "./token-audience-probing.ts";
import { tokenCrossEnvironment } from "./token-cross-environment.ts";
import { tokenFanOut } from "./token-fan-out.ts";
import { tokenMultiPresenter } from "./token-multi-presenter.ts";

type Rule = (presentation: Presentation, holders: Holders, context: JudgeContext) => readonly PairFinding[];

const OF_ALL: readonly Rule[] = [tokenCrossEnvironment, tokenAudienceProbing];
const OF_SECRETS: readonly Rule[] = [...OF_ALL, sharedStaticSecret];
/** Made to be passed on, but not into another world. */
const OF_TRANSACTIONS: readonly Rule[] = [tokenCrossEnvironment];
const OF_BEARERS: readonly Rule[] = [
  ...OF_ALL,
  tokenMultiPresenter,
  relayedAcrossTraces,
  relayDepthExceeded,
  tokenFanOut,
  storedUserTokenInAutomation,
  enforcementInconsistent,
];

/** All findings on one fingerprint and its holders, each with the evidence that shows it. Pure and total. */
export function judgePresentation(
  presentation: Presentation,
  context: JudgeContext,
): readonly { readonly finding: Finding; readonly evidence: Evidence }[] {
  const rules = isWithoutBaseline(context) ? [] : rulesFor(presentation);
  if (rules.length === 0) return [];
  const holders = lookUpHolders(presentation, context);
  const found = rules.flatMap((rule) => rule(presentation, holders, context));
  return found.map(({ finding, pair }) => ({ finding, evidence: pair.evidence }));
}

function rulesFor({ credential }: Presentation): readonly Rule[] {
  const { quality, format, role } = credential;
  if (quality !== "full" || role === "proof") return [];
  if (role === "transaction") return OF_TRANSACTIONS;
  if (format === "key" || format === "basic") return OF_SECRETS;
  return isComparableBearer(credential) ? OF_BEARERS : [];
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
    return judgeRelayedToken(relayed).map((finding) => ({ finding, pair }));
  });
}
