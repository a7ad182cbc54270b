import type { BlastRadius, Contribution, FixFirst, Reach } from "../model/survey.ts";
import { addAll, addTo, type BitSet, emptySet, isIn, numbersIn, removeAll, removeFrom, sizeOf } from "./bit-set.ts";
import { isBound, isStatic, kindText } from "./credential-kind.ts";
import type { HeldKind, ReachGraph } from "./reach-graph.ts";
import { stepsFrom } from "./reach-graph.ts";
import { surveyConfidence } from "./survey-confidence.ts";
import type { SurveyInput, TokenUse } from "./survey-input.ts";
import { exposureOf, harvestOf } from "./token-times.ts";
import { weigh } from "./weigh.ts";

const STEPS = 3;
const CONTRIBUTIONS_MAX = 3;
const DAY_MS = 86_400_000;

/** Whose blast radius is asked for, as far as it was found in one environment. */
export type BlastTarget = {
  readonly of: BlastRadius["of"];
  readonly name: string;
  /** The services that are taken over: the service itself; of an identity none, only what it opens. */
  readonly start: BitSet;
  /** The kinds of credentials that it holds, or that are its own. */
  readonly kinds: readonly HeldKind[];
  readonly direct: BitSet;
  readonly presenters: BitSet;
  readonly environments: readonly string[];
  /** What the baseline lets it reach; null where the baseline says nothing of it. */
  readonly declared: BitSet | null;
  readonly tokens: readonly TokenUse[];
};

/** All that one service or identity could do, as far as it was seen or is declared. */
export function blastRadius(
  target: BlastTarget,
  input: SurveyInput,
  graph: ReachGraph,
  first: readonly FixFirst[],
): BlastRadius {
  const { of, name, start, kinds, direct } = target;
  const acceptance = openedBy(kinds, (kind) => !isBound(kind.profile), target, graph);
  const bound = openedBy(kinds, (kind) => isBound(kind.profile), target, graph);
  const opened = openedAtFirst(target, acceptance, graph);
  const steps = [...stepsFrom(start, opened, graph)];
  const all = steps.at(-1) ?? opened;
  const weighed = (set: BitSet) => weigh(set, graph, input.baseline);
  const exposure = exposureOf(target.tokens, (profile) => sizeOf(graph.accepted.of(profile)));
  const radius = {
    ...{ of, name, environment: graph.environment, confidence: surveyConfidence(graph.shapes, input) },
    ...{ direct: weighed(direct), acceptance: weighed(acceptance), acceptanceOfBound: weighed(bound) },
    declared: target.declared === null ? null : declaredOf(target.declared, { reach: opened, direct }, weighed),
    ...spreadOf(target, graph),
    compromise: [
      ...Array.from({ length: STEPS }, (_, index) => ({ ...weighed(steps[index] ?? all), steps: index + 1 })),
      { ...weighed(all), steps: null },
    ],
    through: contributions(target, graph),
    harvest: harvestOf(target.tokens, (profile) => sizeOf(graph.accepted.of(profile))),
    exposure,
    staticSecrets: staticSecrets(kinds, input.nowMs),
    ...beyond(start, all, graph),
    choke: of === "identity" ? null : (first.find(({ service }) => service === name)?.score ?? 0),
  };
  return { ...radius, composite: compositeOf(radius, kinds) };
}

function openedBy(
  kinds: readonly HeldKind[],
  isCounted: (kind: HeldKind) => boolean,
  { start }: BlastTarget,
  { accepted, nodes }: ReachGraph,
): BitSet {
  const opened = emptySet(nodes.length);
  for (const kind of kinds.filter(isCounted)) addAll(opened, accepted.of(kind.profile));
  for (const number of numbersIn(start)) removeFrom(opened, number);
  return opened;
}

/** One step from a service is what it calls and what it holds opens; of an identity, what opens to it. */
function openedAtFirst({ start, direct }: BlastTarget, acceptance: BitSet, { nextTo }: ReachGraph): BitSet {
  const opened = acceptance.slice();
  if (sizeOf(start) === 0) addAll(opened, direct);
  for (const number of numbersIn(start)) addAll(opened, nextTo[number] ?? opened);
  return opened;
}

function declaredOf(
  declared: BitSet,
  { reach, direct }: { readonly reach: BitSet; readonly direct: BitSet },
  weighed: (set: BitSet) => Reach,
): NonNullable<BlastRadius["declared"]> {
  const [excess, unused] = [reach.slice(), declared.slice()];
  removeAll(excess, declared);
  removeAll(unused, direct);
  const size = sizeOf(declared);
  return {
    services: weighed(declared).services,
    excess: weighed(excess),
    unused: weighed(unused).services,
    overprivilege: size === 0 ? null : sizeOf(unused) / size,
  };
}

function spreadOf({ kinds, presenters, environments }: BlastTarget, { nodes }: ReachGraph) {
  const holders = presenters.slice();
  for (const kind of kinds) for (const number of [...kind.presenters, ...kind.recipients]) addTo(holders, number);
  const namesOf = (set: BitSet) => [...numbersIn(set)].map((number) => nodes[number]?.name ?? "");
  return { holders: namesOf(holders), presenters: namesOf(presenters), environments };
}

function contributions({ kinds, start }: BlastTarget, { accepted }: ReachGraph): readonly Contribution[] {
  const rows = kinds
    .filter(({ profile }) => !isBound(profile))
    .map(({ profile }) => {
      const services = [...numbersIn(accepted.of(profile))].filter((number) => !isIn(start, number)).length;
      return { credentials: kindText(profile), services };
    });
  const byText = new Map(rows.sort((one, other) => one.services - other.services).map((row) => [row.credentials, row]));
  const best = [...byText.values()].filter(({ services }) => services > 0);
  return best.sort((one, other) => other.services - one.services).slice(0, CONTRIBUTIONS_MAX);
}

function staticSecrets(kinds: readonly HeldKind[], nowMs: number): BlastRadius["staticSecrets"] {
  return kinds
    .filter(({ profile }) => isStatic(profile))
    .map(({ profile, firstSeenMs }) => {
      return { credentials: kindText(profile), ageDays: Math.floor((nowMs - firstSeenMs) / DAY_MS) };
    });
}

function beyond(start: BitSet, all: BitSet, { nodes }: ReachGraph): Pick<BlastRadius, "datastores" | "egress"> {
  const datastores = new Set<string>();
  const egress = new Set<string>();
  for (const number of [...numbersIn(start), ...numbersIn(all)]) {
    for (const name of nodes[number]?.datastores ?? []) datastores.add(name);
    for (const name of nodes[number]?.egress ?? []) egress.add(name);
  }
  return { datastores: [...datastores].sort(), egress: [...egress].sort() };
}

type Parts = Pick<BlastRadius, "acceptance" | "acceptanceOfBound" | "presenters" | "environments" | "exposure">;

/** One number to sort by; what it is made of stands beside it. */
function compositeOf({ acceptance, acceptanceOfBound, ...parts }: Parts, kinds: readonly HeldKind[]): number {
  const isSpread = (names: readonly string[]) => (names.length > 1 ? 0.5 : 0);
  const hours = kinds.some(({ profile }) => isStatic(profile))
    ? Number.POSITIVE_INFINITY
    : (parts.exposure?.p95S ?? 0) / 3_600;
  const lifetime = Math.min(3, Math.log2(2 + hours));
  const spread = 1 + isSpread(parts.presenters) + isSpread(parts.environments);
  const reach = Math.log2(1 + acceptance.weight) + 0.25 * Math.log2(1 + acceptanceOfBound.weight);
  return Math.round(10 * reach * spread * lifetime) / 10;
}
