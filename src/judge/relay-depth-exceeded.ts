import type { Presentation } from "../model/facts.ts";
import { addressedTo } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import type { JudgeContext } from "./judge-context.ts";
import { type Holders, outcomeOf, type PairFinding } from "./presenters.ts";

/**
 * A token was forwarded more often than the call's `maxHops` lets it, counted from its first recipient along the
 * shortest way. Where a call may not forward it at all, or not to this callee, the graver rules about relays say so.
 */
export function relayDepthExceeded(
  { credential }: Presentation,
  holders: Holders,
  context: JudgeContext,
): readonly PairFinding[] {
  const forwards = countForwards(holders);
  return holders.pairs.flatMap((pair) => {
    const { environment, presenterParty: caller, recipientParty: callee } = pair;
    const call = declaredCall(caller, callee);
    const depth = (forwards.get(caller.name) ?? 0) + 1;
    if (!pair.isRelayed || call === null || call.token?.mode !== "passthrough") return [];
    const { token } = call;
    if (depth <= token.maxHops || !isCallable(callee)) return [];
    if (addressedTo(callee, credential, context) === "others") return [];
    const finding = createFinding({
      rule: "relay-depth-exceeded",
      subject: { environment, caller, callee, operation: null, credential, outcome: outcomeOf(pair) },
      keyFields: [caller.name, callee.name, credential.issuer ?? ""],
      summary: `${caller.name} relayed a token to ${callee.name} that had been relayed before: ${depth} times in all`,
      decidedBy: {
        position: token.position,
        says: `services.${caller.name}.calls.${call.callee.text}.token.maxHops is ${token.maxHops}`,
      },
      confidence: "high",
    });
    return [{ finding, pair }];
  });
}

/** How often the token had been forwarded, at least, when it came to each service. */
function countForwards({ all }: Holders): ReadonlyMap<string, number> {
  const relayed = all.filter((pair) => pair.isRelayed);
  const reached = new Set(relayed.map(({ recipientParty }) => recipientParty.name));
  const received = all.filter((pair) => !pair.isRelayed).map(({ recipientParty }) => recipientParty.name);
  // Who relayed it without having been seen to receive it is taken for a first recipient, if nobody relayed it there.
  const relayers = relayed.map(({ presenterParty }) => presenterParty?.name ?? "").filter((name) => !reached.has(name));
  const forwards = new Map([...received, ...relayers].map((name) => [name, 0]));
  // Breadth first: what is reached in a round was not reached in fewer.
  for (let depth = 1, before = -1; before !== forwards.size; depth += 1) {
    before = forwards.size;
    const holders = new Set(forwards.keys());
    for (const { presenterParty, recipientParty } of relayed) {
      const isNext = holders.has(presenterParty?.name ?? "") && !forwards.has(recipientParty.name);
      if (isNext) forwards.set(recipientParty.name, depth);
    }
  }
  return forwards;
}
