import type { Presentation } from "../model/facts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { isHumanClient, type Ownership, ownershipOf } from "./identity-owner.ts";
import type { JudgeContext } from "./judge-context.ts";
import { hasTrait } from "./may-relay.ts";
import { isDeclared, type Party } from "./party.ts";
import { type Holders, type JudgedPair, outcomeOf, type PairFinding } from "./presenters.ts";

type Scene = {
  /** The use that the others are measured by. */
  readonly first: JudgedPair;
  readonly ownership: (party: Party) => Ownership;
};

/**
 * A stranger presents the token: a service that never received it, did not relay it, is not declared to use its client
 * and was not the first to use it. Two independent signals that it is another workload make a violation; fewer only a
 * suspicion, because services do hand tokens on in ways that spans do not show.
 */
export function tokenMultiPresenter(
  { credential }: Presentation,
  holders: Holders,
  context: JudgeContext,
): readonly PairFinding[] {
  if (isHumanClient(credential, context)) return [];
  const ownership = (party: Party): Ownership => ownershipOf(credential, party, context);
  // Who only passed it on was not the first to have it, however its callee's clock is set; whose it is, was.
  const candidates = holders.pairs.filter((pair) => !pair.isRelayed);
  const first = candidates.find(({ presenterParty }) => ownership(presenterParty) === "own") ?? candidates[0];
  if (first === undefined) return [];
  return strangers({ first, ownership }, holders).map((pair) => {
    const signals = differences({ first, ownership }, pair);
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
function strangers({ first, ownership }: Scene, { pairs, receivedAtMs }: Holders): readonly JudgedPair[] {
  const relayers = new Set(pairs.filter((pair) => pair.isRelayed).map((pair) => pair.presenterParty.name));
  const known = new Set([first.presenterParty.name, ...receivedAtMs.keys(), ...relayers]);
  const found: JudgedPair[] = [];
  for (const pair of pairs) {
    const { presenterParty } = pair;
    if (known.has(presenterParty.name)) continue;
    known.add(presenterParty.name);
    if (ownership(presenterParty) === "own" || hasTrait(presenterParty, "control-plane")) continue;
    if ([first.presenterParty, presenterParty, pair.recipientParty].some(isDeclared)) found.push(pair);
  }
  return found;
}

function differences({ first, ownership }: Scene, stranger: JudgedPair): readonly string[] {
  const [ours, theirs] = [first.presenterRuntime, stranger.presenterRuntime];
  return [
    ...(namespaceOf(first.presenterParty.name) === namespaceOf(stranger.presenterParty.name)
      ? []
      : ["another namespace"]),
    ...(ours === null || theirs === null || ours === theirs ? [] : [`runtime ${theirs} instead of ${ours}`]),
    ...(ownership(stranger.presenterParty) === "another's" ? ["a client of another service"] : []),
  ];
}

/** What stands before the last slash of a service's name. */
function namespaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}
