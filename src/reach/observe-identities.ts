import { allPresented } from "../model/credential.ts";
import { type Identity, identityKey, identityOf, peerIdentity } from "../model/identity.ts";
import type { SeenShape } from "../model/store.ts";
import type { ObservedIdentity } from "../model/survey.ts";
import { isKnown } from "./credential-kind.ts";
import { findIdentity, ownerOf } from "./find-identity.ts";
import type { SurveyInput } from "./survey-input.ts";

type Sum = {
  readonly identity: Identity;
  readonly presenters: Set<string>;
  readonly recipients: Set<string>;
  readonly environments: Set<string>;
  count: number;
  refused: number;
  firstSeenMs: number;
  lastSeenMs: number;
};

/** Every machine client, workload identity and static key that was presented, sorted by kind and name. */
export function observeIdentities({ shapes, baseline }: SurveyInput): readonly ObservedIdentity[] {
  const sums = new Map<string, Sum>();
  for (const seen of shapes) for (const identity of presentedIn(seen)) add(sums, identity, seen);
  return [...sums.values()].map((sum) => rowOf(sum, baseline)).sort(byName);
}

/** Each identity that a shape's credentials and certificate name, once. */
export function presentedIn({ shape }: SeenShape): readonly Identity[] {
  const identities = allPresented(shape.credential).filter(isKnown).map(identityOf);
  const all = shape.peer === null ? identities : [...identities, peerIdentity(shape.peer.id)];
  const found = all.filter((identity) => identity !== null);
  return [...new Map(found.map((identity) => [identityKey(identity), identity])).values()];
}

function add(sums: Map<string, Sum>, identity: Identity, { shape, ...seen }: SeenShape): void {
  const key = identityKey(identity);
  const sum = sums.get(key) ?? newSum(identity);
  sums.set(key, sum);
  if (shape.type !== "unattributed") sum.presenters.add(shape.caller.name);
  sum.recipients.add(shape.callee.name);
  sum.environments.add(shape.environment);
  sum.count += seen.count;
  if (shape.outcome === "refused") sum.refused += seen.count;
  sum.firstSeenMs = Math.min(sum.firstSeenMs, seen.firstSeenMs);
  sum.lastSeenMs = Math.max(sum.lastSeenMs, seen.lastSeenMs);
}

function newSum(identity: Identity): Sum {
  return {
    identity,
    presenters: new Set(),
    recipients: new Set(),
    environments: new Set(),
    count: 0,
    refused: 0,
    firstSeenMs: Number.POSITIVE_INFINITY,
    lastSeenMs: Number.NEGATIVE_INFINITY,
  };
}

function rowOf(sum: Sum, baseline: SurveyInput["baseline"]): ObservedIdentity {
  const declared = findIdentity(sum.identity, baseline);
  const presenters = [...sum.presenters].sort();
  return {
    ...sum.identity,
    declaredAs: declared?.name ?? null,
    owner: ownerOf(declared, presenters, baseline),
    isHuman: declared?.isHuman === true,
    retired: declared?.retired ?? null,
    presenters,
    recipients: [...sum.recipients].sort(),
    environments: [...sum.environments].sort(),
    count: sum.count,
    refused: sum.refused,
    firstSeen: new Date(sum.firstSeenMs).toISOString(),
    lastSeen: new Date(sum.lastSeenMs).toISOString(),
  };
}

function byName(one: ObservedIdentity, other: ObservedIdentity): number {
  const [left, right] = [one, other].map(({ kind, name, issuer }) => `${kind}\n${name}\n${issuer ?? ""}`);
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
