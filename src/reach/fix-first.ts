import type { FixFirst } from "../model/survey.ts";
import { type BitSet, removeAll, sizeOf } from "./bit-set.ts";
import { kindKey } from "./credential-kind.ts";
import { type ReachGraph, reachOf } from "./reach-graph.ts";
import { surveyConfidence } from "./survey-confidence.ts";
import type { SurveyInput } from "./survey-input.ts";

/**
 * How much reach is lost, over all identities and services, when a service stops relaying what it receives, and when
 * it has an audience of its own. Of services where that is nothing, none is told; the most comes first.
 */
export function fixFirst(input: SurveyInput, graph: ReachGraph): readonly FixFirst[] {
  const relays = relaysBy(input, graph);
  const shared = sharedAudiences(graph);
  const confidence = surveyConfidence(graph.shapes, input);
  const rows = graph.nodes.map(({ name }, number): FixFirst => {
    const relay = relayLoss(number, relays.get(number) ?? new Map(), graph);
    const split = splitLoss(number, shared);
    const score = relay.lost + split.lost;
    const { environment } = graph;
    const lost = { relayLost: relay.lost, relaysTo: relay.to, splitLost: split.lost, sharedAudiences: split.audiences };
    return { environment, service: name, score, ...lost, confidence };
  });
  return rows.filter(({ score }) => score > 0).sort((one, other) => other.score - one.score);
}

/** Kinds of credentials by whom each service relays them to. */
type RelaysTo = ReadonlyMap<number, ReadonlySet<string>>;

function relaysBy({ relays }: SurveyInput, { environment, numbers, kinds }: ReachGraph): ReadonlyMap<number, RelaysTo> {
  const by = new Map<number, Map<number, Set<string>>>();
  for (const { service, next, credential, outcome, ...relay } of relays) {
    const [from, to, key] = [numbers.get(service), numbers.get(next.name), kindKey(credential)];
    const isHere = relay.environment === environment && next.kind === "service" && outcome !== "refused";
    if (!isHere || from === undefined || to === undefined || !kinds.has(key)) continue;
    const targets = by.get(from) ?? new Map<number, Set<string>>();
    by.set(from, targets);
    targets.set(to, (targets.get(to) ?? new Set()).add(key));
  }
  return by;
}

type Loss = { readonly lost: number; readonly to: readonly string[] };

/** What nobody else brings to a service it would no longer hold, nor have accepted, and what that opens is lost to it. */
function relayLoss(number: number, relays: RelaysTo, graph: ReachGraph): Loss {
  const { nodes, kinds, nextTo, accepted } = graph;
  const to: string[] = [];
  let lost = 0;
  for (const [next, keys] of relays) {
    const only = [...keys].filter((key) => {
      const presenters = kinds.get(key)?.presentersTo.get(next);
      return presenters?.size === 1 && presenters.has(number);
    });
    if (only.length === 0) continue;
    to.push(nodes[next]?.name ?? "");
    const node = nodes[next];
    const rest = [...(node?.holds ?? [])].filter((key) => !only.includes(key));
    const before = (nextTo[next] ?? new Uint32Array()).slice();
    removeAll(before, reachOf(rest, next, graph));
    lost += sizeOf(before) + only.filter((key) => !isAcceptedElse(key, next, { kinds, accepted, rest })).length;
  }
  return { lost, to: to.sort() };
}

type Else = Pick<ReachGraph, "kinds" | "accepted"> & { readonly rest: readonly string[] };

/** Whether a service accepts credentials like these also when nobody relays them: it declares so, or others show it. */
function isAcceptedElse(key: string, next: number, { kinds, accepted, rest }: Else): boolean {
  const profile = kinds.get(key)?.profile;
  if (profile === undefined || accepted.isDeclared(next, profile)) return true;
  const audiences = new Set(accepted.audienceKeys(profile));
  return rest.some((other) => {
    const held = kinds.get(other);
    return held?.accepting.has(next) === true && accepted.audienceKeys(held.profile).some((one) => audiences.has(one));
  });
}

type Shared = { readonly audience: string; readonly others: number; readonly kinds: number };

/** The audiences that several services accept, by service, with how many kinds of credentials are presented for them. */
function sharedAudiences(graph: ReachGraph): ReadonlyMap<number, readonly Shared[]> {
  const by = new Map<number, Shared[]>();
  for (const [key, { services, presented }] of audiencesOf(graph)) {
    const others = sizeOf(services) - 1;
    const [, audience] = JSON.parse(key) as [string, string];
    for (const [service, kinds] of others > 0 ? presented : []) {
      const own = by.get(service) ?? [];
      by.set(service, own);
      own.push({ audience, others, kinds });
    }
  }
  return by;
}

type Audience = { readonly services: BitSet; readonly presented: Map<number, number> };

/** Who would accept each audience, and how many kinds of credentials for it each service did. */
function audiencesOf({ kinds, accepted }: ReachGraph): ReadonlyMap<string, Audience> {
  const audiences = new Map<string, Audience>();
  for (const { profile, accepting } of kinds.values()) {
    for (const key of accepted.audienceKeys(profile)) {
      const known = audiences.get(key) ?? { services: accepted.ofAudience(profile, key), presented: new Map() };
      audiences.set(key, known);
      for (const service of accepting) known.presented.set(service, (known.presented.get(service) ?? 0) + 1);
    }
  }
  return audiences;
}

function splitLoss(number: number, shared: ReadonlyMap<number, readonly Shared[]>) {
  const own = shared.get(number) ?? [];
  const lost = own.reduce((sum, { others, kinds }) => sum + kinds * others, 0);
  return { lost, audiences: [...new Set(own.map(({ audience }) => audience))].sort() };
}
