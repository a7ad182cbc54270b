import { type AddressBook, type AliasSighting, aliasedService, aliasKey, createAddressBook } from "./alias.ts";
import { CONFIDENCES } from "./graph.ts";
import type { ObservedEdge } from "./store.ts";

/** What was observed, as it was counted: callees by the names that spans gave them, and what is known of those names. */
export type ObservedGraph = { readonly edges: readonly ObservedEdge[]; readonly aliases: readonly AliasSighting[] };

/**
 * The graph of all that several collectors observed, each a part of the traces: what one of them learned of an address
 * holds for the edges of the others.
 */
export function mergeGraphs(graphs: readonly ObservedGraph[]): ObservedGraph {
  return {
    edges: mergeEdges(graphs.flatMap(({ edges }) => edges)),
    aliases: mergeAliases(graphs.flatMap(({ aliases }) => aliases)),
  };
}

/** The edges of a graph, with callees that are known by their address under the name of their service. */
export function readEdges({ edges, aliases }: ObservedGraph): readonly ObservedEdge[] {
  const book = createAddressBook(aliases);
  return book.size === 0 ? edges : mergeEdges(edges.map((edge) => resolve(edge, book)));
}

function resolve(edge: ObservedEdge, book: AddressBook): ObservedEdge {
  const service = aliasedService(book, edge.environment, { kind: edge.calleeKind, name: edge.callee });
  if (service === null || edge.type !== "direct") return edge;
  const { peer, alias, ...counts } = edge.counts;
  return withConfidence({
    ...edge,
    callee: service,
    calleeKind: "service",
    counts: { ...counts, alias: alias + peer, peer: 0 },
  });
}

/** In the order of `StoreReader`'s edges. */
function mergeEdges(edges: readonly ObservedEdge[]): readonly ObservedEdge[] {
  const byKey = new Map<string, ObservedEdge>();
  for (const edge of edges) {
    const key = JSON.stringify(sortKey(edge));
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? edge : addEdges(known, edge));
  }
  return [...byKey.values()].sort(byNames);
}

function addEdges(one: ObservedEdge, other: ObservedEdge): ObservedEdge {
  const counts = Object.fromEntries(
    CONFIDENCES.map((confidence) => [confidence, one.counts[confidence] + other.counts[confidence]]),
  ) as ObservedEdge["counts"];
  return withConfidence({
    ...one,
    operations: union(one.operations, other.operations),
    audiences: union(one.audiences, other.audiences),
    count: one.count + other.count,
    estimated: one.estimated + other.estimated,
    counts,
    firstSeen: one.firstSeen < other.firstSeen ? one.firstSeen : other.firstSeen,
    lastSeen: one.lastSeen > other.lastSeen ? one.lastSeen : other.lastSeen,
  });
}

function withConfidence(edge: ObservedEdge): ObservedEdge {
  return { ...edge, confidence: CONFIDENCES.find((confidence) => edge.counts[confidence] > 0) ?? "root" };
}

function mergeAliases(sightings: readonly AliasSighting[]): readonly AliasSighting[] {
  const byKey = new Map<string, AliasSighting>();
  for (const sighting of sightings) {
    const key = `${aliasKey(sighting.environment, sighting.address)}\n${sighting.service}`;
    byKey.set(key, addSightings(byKey.get(key), sighting));
  }
  return [...byKey.values()];
}

/** A sighting on top of an earlier sum; what is taken back leaves first and last seen alone. */
export function addSightings(known: AliasSighting | undefined, sighting: AliasSighting): AliasSighting {
  if (known === undefined) return sighting;
  const count = known.count + sighting.count;
  if (sighting.count <= 0) return { ...known, count };
  const firstSeenMs = Math.min(known.firstSeenMs, sighting.firstSeenMs);
  return { ...known, count, firstSeenMs, lastSeenMs: Math.max(known.lastSeenMs, sighting.lastSeenMs) };
}

function sortKey({ caller, callee, environment, callerKind, calleeKind, type, via }: ObservedEdge): readonly string[] {
  return [caller, callee, environment, callerKind, calleeKind, type, via ?? ""];
}

function byNames(one: ObservedEdge, other: ObservedEdge): number {
  const names = sortKey(one);
  const others = sortKey(other);
  const at = names.findIndex((name, index) => name !== others[index]);
  return (names[at] ?? "") < (others[at] ?? "") ? -1 : 1;
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])].sort();
}
