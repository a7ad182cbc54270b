import type { Presentation, PresentationPair } from "../model/facts.ts";
import { OUTSIDE, type Outcome } from "../model/graph.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { Party } from "./party.ts";

/** A pair with both sides looked up. */
export type JudgedPair = PresentationPair & {
  readonly presenterParty: Party;
  readonly recipientParty: Party;
};

/** Who presented and who received one fingerprint, in the order of first use. */
export type Holders = {
  /** Without self-calls and without pairs whose presenter was never seen. */
  readonly pairs: readonly JudgedPair[];
  /**
   * When each service first received the token, by name; ms since 1970. A service to which only its own token came back
   * has received none: clocks differ, and its token may seem to come back before it went out.
   */
  readonly receivedAtMs: ReadonlyMap<string, number>;
};

/** Sorts out the holders of a fingerprint, under their declared names, so that two names of one service are one. */
export function lookUpHolders({ pairs }: Presentation, { names }: JudgeContext): Holders {
  const receivedAtMs = new Map<string, number>();
  const presented: JudgedPair[] = [];
  const passes: Pass[] = [];
  for (const pair of pairs) {
    const recipientParty = names.callee(pair.recipient, pair.environment);
    const { presenter } = pair;
    const isSeen = presenter !== null && presenter !== OUTSIDE.name;
    const presenterParty = isSeen ? names.caller({ kind: "service", name: presenter }) : null;
    if (presenterParty?.name === recipientParty.name) continue;
    passes.push({ from: presenterParty?.name ?? null, to: recipientParty.name, isRelayed: pair.isRelayed });
    if (presenterParty !== null) presented.push({ ...pair, presenterParty, recipientParty });
    const earliest = receivedAtMs.get(recipientParty.name) ?? Number.POSITIVE_INFINITY;
    receivedAtMs.set(recipientParty.name, Math.min(earliest, pair.firstMs));
  }
  const presenters = presented.map(({ presenterParty }) => presenterParty.name);
  for (const name of presenters.filter((each) => !isReceivedElsewhere(each, passes))) receivedAtMs.delete(name);
  return { pairs: presented.sort(byFirstUse), receivedAtMs };
}

type Pass = { readonly from: string | null; readonly to: string; readonly isRelayed: boolean };

/** Whether a service could have come by the token had it never presented it itself. */
function isReceivedElsewhere(service: string, passes: readonly Pass[]): boolean {
  const holders = new Set<string>();
  const others = passes.filter(({ from }) => from !== service);
  for (let before = -1; before !== holders.size; ) {
    before = holders.size;
    for (const { from, to, isRelayed } of others) if (!isRelayed || holders.has(from ?? "")) holders.add(to);
  }
  return holders.has(service);
}

/** Accepted once is accepted. */
export function outcomeOf({ isAccepted, isRefused }: PresentationPair): Outcome {
  if (isAccepted) return "ok";
  return isRefused ? "refused" : "unknown";
}

/** Equal times are settled by name, so that the order of arrival decides nothing. */
function byFirstUse(left: JudgedPair, right: JudgedPair): number {
  if (left.firstMs !== right.firstMs) return left.firstMs - right.firstMs;
  return keyOf(left) < keyOf(right) ? -1 : 1;
}

function keyOf({ presenterParty, recipientParty }: JudgedPair): string {
  return `${presenterParty.name}\n${recipientParty.name}`;
}
