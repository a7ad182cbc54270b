import type { Presentation } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { isDeclared } from "./party.ts";
import { type Holders, type JudgedPair, outcomeOf } from "./presenters.ts";

/** A finding and the pair of (presenter, recipient) that shows it. */
export type PairFinding = { readonly finding: Finding; readonly pair: JudgedPair };

/**
 * A stranger presents the token: a service that never received it, did not relay it, and was not the first to use it.
 * Two independent signals that it is another workload make a violation; fewer only a suspicion, because services
 * do hand tokens on in ways that spans do not show.
 */
export function tokenMultiPresenter({ credential }: Presentation, holders: Holders): readonly PairFinding[] {
  // Who only passed it on was not the first to have it, however its callee's clock is set.
  const first = holders.pairs.find((pair) => !pair.isRelayed) ?? holders.pairs[0];
  if (first === undefined) return [];
  return strangers(first, holders).map((pair) => {
    const signals = differences(first, pair);
    const finding = createFinding({
      rule: "token-multi-presenter",
      subject: {
        environment: pair.environment,
        caller: pair.presenterParty,
        callee: pair.recipientParty,
        operation: null,
        credential,
        outcome: outcomeOf(pair),
      },
      keyFields: [...familyOf(credential), pair.presenterParty.name],
      verdict: signals.length >= 2 ? "violation" : "suspicious",
      summary: [
        `${pair.presenterParty.name} presented to ${pair.recipientParty.name}`,
        `a token that ${first.presenterParty.name} uses and that it never received`,
        ...(signals.length > 0 ? [`(${signals.join(", ")})`] : []),
      ].join(" "),
      decidedBy: null,
      confidence: signals.length >= 2 ? "high" : "low",
    });
    return { finding, pair };
  });
}

/** The first use by each stranger, where the baseline names one of those concerned. */
function strangers(first: JudgedPair, { pairs, receivedAtMs }: Holders): readonly JudgedPair[] {
  const relayers = new Set(pairs.filter((pair) => pair.isRelayed).map((pair) => pair.presenterParty.name));
  const known = new Set([first.presenterParty.name, ...receivedAtMs.keys(), ...relayers]);
  const found: JudgedPair[] = [];
  for (const pair of pairs) {
    if (known.has(pair.presenterParty.name)) continue;
    known.add(pair.presenterParty.name);
    if ([first.presenterParty, pair.presenterParty, pair.recipientParty].some(isDeclared)) found.push(pair);
  }
  return found;
}

function differences(first: JudgedPair, stranger: JudgedPair): readonly string[] {
  const [ours, theirs] = [first.presenterRuntime, stranger.presenterRuntime];
  return [
    ...(namespaceOf(first.presenterParty.name) === namespaceOf(stranger.presenterParty.name)
      ? []
      : ["another namespace"]),
    ...(ours === null || theirs === null || ours === theirs ? [] : [`runtime ${theirs} instead of ${ours}`]),
  ];
}

/** What stands before the last slash of a service's name. */
function namespaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}
