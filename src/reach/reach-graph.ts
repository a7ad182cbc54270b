import { allPresented, type CredentialProfile } from "../model/credential.ts";
import type { SeenShape } from "../model/store.ts";
import { AcceptedWhere } from "./accepted-where.ts";
import { addAll, addTo, type BitSet, emptySet, numbersIn, removeAll, removeFrom } from "./bit-set.ts";
import { isBound, isKnown, kindKey } from "./credential-kind.ts";
import type { SurveyInput } from "./survey-input.ts";

/** Credentials of one kind, and who was seen with them. */
export type HeldKind = {
  readonly profile: CredentialProfile;
  readonly presenters: Set<number>;
  readonly recipients: Set<number>;
  readonly accepting: Set<number>;
  /** Who presented them to each recipient. */
  readonly presentersTo: Map<number, Set<number>>;
  firstSeenMs: number;
};

/** What one service was seen to do and hold. */
export type ServiceNode = {
  readonly name: string;
  /** Services that it calls. */
  readonly calls: BitSet;
  /** Of these, the ones that accepted. */
  readonly acceptedBy: BitSet;
  /** Keys of the kinds of credentials that it presented or received. */
  readonly holds: Set<string>;
  readonly datastores: Set<string>;
  readonly egress: Set<string>;
};

/** Who calls whom in one environment, with credentials that would be accepted where. */
export type ReachGraph = {
  readonly environment: string;
  readonly nodes: readonly ServiceNode[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly kinds: ReadonlyMap<string, HeldKind>;
  readonly accepted: AcceptedWhere;
  /** The services one step away from each: called, or opened by a credential that it holds. */
  readonly nextTo: readonly BitSet[];
  readonly shapes: readonly SeenShape[];
};

/** Builds the graph of one environment, of what was seen there and is declared. */
export function buildReachGraph({ baseline, shapes }: SurveyInput, environment: string): ReachGraph {
  const here = shapes.filter(({ shape }) => shape.environment === environment);
  const names = new Set(baseline.services.keys());
  for (const { shape } of here) {
    for (const { kind, name } of [shape.caller, shape.callee]) if (kind === "service") names.add(name);
  }
  const numbers = new Map([...names].sort().map((name, number) => [name, number]));
  const nodes = [...numbers.keys()].map((name) => newNode(name, numbers.size));
  const accepted = new AcceptedWhere(baseline, numbers);
  const kinds = new Map<string, HeldKind>();
  const parts = { nodes, numbers, accepted, kinds };
  for (const seen of here) takeIn(seen, parts);
  const nextTo = nodes.map((node, number) => reachOf(node.holds, number, parts));
  return { environment, ...parts, nextTo, shapes: here };
}

type Parts = Pick<ReachGraph, "nodes" | "numbers" | "accepted"> & { readonly kinds: Map<string, HeldKind> };

function newNode(name: string, size: number): ServiceNode {
  return {
    name,
    calls: emptySet(size),
    acceptedBy: emptySet(size),
    holds: new Set(),
    datastores: new Set(),
    egress: new Set(),
  };
}

function takeIn(seen: SeenShape, parts: Parts): void {
  const { shape } = seen;
  const caller = shape.caller.kind === "service" ? parts.numbers.get(shape.caller.name) : undefined;
  const callee = shape.callee.kind === "service" ? parts.numbers.get(shape.callee.name) : undefined;
  const node = caller === undefined ? undefined : parts.nodes[caller];
  if (shape.callee.kind === "datastore") node?.datastores.add(shape.callee.name);
  if (shape.callee.kind === "external") node?.egress.add(shape.callee.name);
  const isCallable = callee !== undefined && shape.outcome !== "refused";
  if (node !== undefined && isCallable) addTo(node.calls, callee);
  if (node !== undefined && isCallable && shape.outcome === "ok") addTo(node.acceptedBy, callee);
  for (const profile of allPresented(shape.credential).filter(isKnown)) hold(profile, { seen, caller, callee }, parts);
}

type Presented = {
  readonly seen: SeenShape;
  readonly caller: number | undefined;
  readonly callee: number | undefined;
};

function hold(
  profile: CredentialProfile,
  { seen, caller, callee }: Presented,
  { kinds, nodes, accepted }: Parts,
): void {
  const key = kindKey(profile);
  const kind = kinds.get(key) ?? newKind(profile, seen.firstSeenMs);
  kinds.set(key, kind);
  kind.firstSeenMs = Math.min(kind.firstSeenMs, seen.firstSeenMs);
  if (caller !== undefined) {
    kind.presenters.add(caller);
    nodes[caller]?.holds.add(key);
  }
  if (callee === undefined) return;
  kind.recipients.add(callee);
  nodes[callee]?.holds.add(key);
  const presenters = kind.presentersTo.get(callee) ?? new Set();
  kind.presentersTo.set(callee, presenters);
  // Who was not seen still brings it: nobody else's stopping would keep it away.
  presenters.add(caller ?? -1);
  if (seen.shape.outcome !== "ok") return;
  kind.accepting.add(callee);
  accepted.see(callee, profile);
}

function newKind(profile: CredentialProfile, firstSeenMs: number): HeldKind {
  return {
    profile,
    presenters: new Set(),
    recipients: new Set(),
    accepting: new Set(),
    presentersTo: new Map(),
    firstSeenMs,
  };
}

/** The services that some credentials of a service, and its own calls, lead to; bound ones are of no use to a thief. */
export function reachOf(
  holds: Iterable<string>,
  number: number,
  { nodes, kinds, accepted }: Pick<ReachGraph, "nodes" | "kinds" | "accepted">,
): BitSet {
  const reach = (nodes[number]?.calls ?? new Uint32Array()).slice();
  for (const key of holds) {
    const profile = kinds.get(key)?.profile;
    if (profile !== undefined && !isBound(profile)) addAll(reach, accepted.of(profile));
  }
  removeFrom(reach, number);
  return reach;
}

/** All that is reached from some services in one step, in two, and so on until no step adds any; they are not in it. */
export function* stepsFrom(start: BitSet, first: BitSet, { nextTo }: ReachGraph): Generator<BitSet> {
  const reached = start.slice();
  let isWider = false;
  addAll(reached, first);
  do {
    const step = reached.slice();
    removeAll(step, start);
    yield step;
    isWider = false;
    for (const number of numbersIn(step)) {
      const next = nextTo[number];
      if (next !== undefined && addAll(reached, next)) isWider = true;
    }
  } while (isWider);
}
