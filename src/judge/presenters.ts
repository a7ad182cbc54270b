import type { Presentation, PresentationPair } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { OUTSIDE, type Outcome } from "../model/graph.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { Party } from "./party.ts";

/** A pair with both sides looked up; the presenter is null where it was never seen. */
export type HeldPair = PresentationPair & {
  readonly presenterParty: Party | null;
  readonly recipientParty: Party;
};

/** One whose presenter is known. */
export type JudgedPair = HeldPair & { readonly presenterParty: Party };

/** A finding and the pair of (presenter, recipient) that shows it. */
export type PairFinding = { readonly finding: Finding; readonly pair: HeldPair };

/** Who presented and who received one fingerprint, in the order of first use. */
export type Holders = {
  /** Without self-calls. */
  readonly all: readonly HeldPair[];
  /** Without those whose presenter was never seen. */
  readonly pairs: readonly JudgedPair[];
  /**
   * When each service first received the token, by name; ms since 1970. A service to which only its own token came back
   * has received none: clocks differ, and its token may seem to come back before it went out.
   */
  readonly receivedAtMs: ReadonlyMap<string, number>;
};

/** Sorts out the holders of a fingerprint, under their declared names, so that two names of one service are one. */
export function lookUpHolders({ pairs }: Presentation, context: JudgeContext): Holders {
  const receivedAtMs = new Map<string, number>();
  const all = pairs
    .map((pair) => lookUpPair(pair, context))
    .filter(({ presenterParty, recipientParty }) => presenterParty?.name !== recipientParty.name)
    .sort(byFirstUse);
  for (const { recipientParty, firstMs } of all) {
    const earliest = receivedAtMs.get(recipientParty.name) ?? Number.POSITIVE_INFINITY;
    receivedAtMs.set(recipientParty.name, Math.min(earliest, firstMs));
  }
  const presented = all.filter(isOfKnownPresenter);
  const presenters = presented.map(({ presenterParty }) => presenterParty.name);
  for (const name of presenters.filter((each) => !isReceivedElsewhere(each, all))) receivedAtMs.delete(name);
  return { all, pairs: presented, receivedAtMs };
}

/** Accepted once is accepted. */
export function outcomeOf({ isAccepted, isRefused }: PresentationPair): Outcome {
  if (isAccepted) return "ok";
  return isRefused ? "refused" : "unknown";
}

/** Pairs that begin with a use of the presenter's own: it neither relayed the token nor had received it before. */
export function ownPairs({ pairs, receivedAtMs }: Holders): readonly JudgedPair[] {
  const relayers = new Set(pairs.filter((pair) => pair.isRelayed).map((pair) => pair.presenterParty.name));
  return pairs.filter(({ presenterParty: { name } }) => !relayers.has(name) && !receivedAtMs.has(name));
}

function lookUpPair(pair: PresentationPair, { names }: JudgeContext): HeldPair {
  const { presenter } = pair;
  const isSeen = presenter !== null && presenter !== OUTSIDE.name;
  return {
    ...pair,
    presenterParty: isSeen ? names.caller({ kind: "service", name: presenter }) : null,
    recipientParty: names.callee(pair.recipient, pair.environment),
  };
}

function isOfKnownPresenter(pair: HeldPair): pair is JudgedPair {
  return pair.presenterParty !== null;
}

/** Whether a service could have come by the token had it never presented it itself. */
function isReceivedElsewhere(service: string, pairs: readonly HeldPair[]): boolean {
  const holders = new Set<string>();
  const others = pairs.filter(({ presenterParty }) => presenterParty?.name !== service);
  for (let before = -1; before !== holders.size; ) {
    before = holders.size;
    for (const { presenterParty, recipientParty, isRelayed } of others) {
      if (!isRelayed || holders.has(presenterParty?.name ?? "")) holders.add(recipientParty.name);
    }
  }
  return holders.has(service);
}

/** Equal times are settled by name, so that the order of arrival decides nothing. */
function byFirstUse(left: HeldPair, right: HeldPair): number {
  if (left.firstMs !== right.firstMs) return left.firstMs - right.firstMs;
  return keyOf(left) < keyOf(right) ? -1 : 1;
}

function keyOf({ presenterParty, recipientParty, environment }: HeldPair): string {
  return `${presenterParty?.name ?? ""}\n${recipientParty.name}\n${environment}`;
}
