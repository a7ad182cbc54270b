import type { Baseline } from "../model/baseline.ts";
import { identityOf } from "../model/identity.ts";
import { addTo, type BitSet, emptySet } from "./bit-set.ts";
import type { BlastTarget } from "./blast-radius.ts";
import { findIdentity } from "./find-identity.ts";
import { presentedIn } from "./observe-identities.ts";
import type { ReachGraph } from "./reach-graph.ts";
import type { SurveyInput } from "./survey-input.ts";

/** The service of this name, as far as it was seen in the graph's environment; null where it was not. */
export function findService(name: string, { tokens, baseline }: SurveyInput, graph: ReachGraph): BlastTarget | null {
  const number = graph.numbers.get(name);
  const node = number === undefined ? undefined : graph.nodes[number];
  if (number === undefined || node === undefined) return null;
  const isSeen = graph.shapes.some(({ shape }) => [shape.caller, shape.callee].some((end) => isService(end, name)));
  if (!isSeen) return null;
  const start = setOf([number], graph);
  const declared = baseline.services.get(name);
  return {
    ...{ of: "service", name, start, direct: node.acceptedBy, presenters: start },
    kinds: [...node.holds].flatMap((key) => graph.kinds.get(key) ?? []),
    environments: [graph.environment],
    declared: declared === undefined ? null : calledBy([name], baseline, graph),
    tokens: tokens.filter(({ environment, presenter, recipient }) => {
      return environment === graph.environment && (presenter === name || recipient === name);
    }),
  };
}

/** The identity of this name, declared or its own, as far as it was presented in the graph's environment; or null. */
export function findIdentityTarget(name: string, input: SurveyInput, graph: ReachGraph): BlastTarget | null {
  const { baseline, shapes, tokens } = input;
  const isMeant = (identity: ReturnType<typeof identityOf>) => {
    return identity !== null && (identity.name === name || findIdentity(identity, baseline)?.name === name);
  };
  const own = shapes.filter((seen) => presentedIn(seen).some(isMeant));
  const here = own.filter(({ shape }) => shape.environment === graph.environment);
  if (here.length === 0) return null;
  const presenters = new Set(here.map(({ shape }) => shape.caller).flatMap(nameOfService));
  const accepting = here.filter(({ shape }) => shape.outcome === "ok").map(({ shape }) => shape.callee);
  return {
    ...{ of: "identity", name, start: emptySet(graph.nodes.length) },
    kinds: [...graph.kinds.values()].filter(({ profile }) => isMeant(identityOf(profile))),
    direct: setOf(numbersOf(accepting.flatMap(nameOfService), graph), graph),
    presenters: setOf(numbersOf([...presenters], graph), graph),
    environments: [...new Set(own.map(({ shape }) => shape.environment))].sort(),
    declared: declaredOf(name, presenters, input, graph),
    tokens: tokens.filter(({ environment, credential }) => {
      return environment === graph.environment && isMeant(identityOf(credential));
    }),
  };
}

/** What those who may present it declare to call; null where none of them declares anything. */
function declaredOf(name: string, presenters: ReadonlySet<string>, { baseline }: SurveyInput, graph: ReachGraph) {
  const entry = baseline.identities.get(name);
  const users = entry?.usedBy?.map(({ text }) => text) ?? [...presenters];
  const declared = users.filter((user) => baseline.services.has(user));
  return declared.length === 0 ? null : calledBy(declared, baseline, graph);
}

function calledBy(callers: readonly string[], { services }: Baseline, graph: ReachGraph): BitSet {
  const globs = callers.flatMap((name) => services.get(name)?.calls ?? []).map(({ callee }) => callee);
  const called = emptySet(graph.nodes.length);
  for (const [name, number] of graph.numbers) if (globs.some((glob) => glob.matches(name))) addTo(called, number);
  return called;
}

function isService(end: { readonly kind: string; readonly name: string }, name: string): boolean {
  return end.kind === "service" && end.name === name;
}

function nameOfService({ kind, name }: { readonly kind: string; readonly name: string }): readonly string[] {
  return kind === "service" ? [name] : [];
}

function numbersOf(names: readonly string[], { numbers }: ReachGraph): readonly number[] {
  return names.flatMap((name) => numbers.get(name) ?? []);
}

function setOf(numbers: readonly number[], { nodes }: ReachGraph): BitSet {
  const set = emptySet(nodes.length);
  for (const number of numbers) addTo(set, number);
  return set;
}
