import type { GraphNode } from "../model/graph.ts";
import type { Known } from "./known-shapes.ts";

/** Who called whom, and when last: what is left of shapes when nobody asks what for, and with which credential. */
export type SeenEdge = {
  readonly environment: string;
  readonly caller: GraphNode;
  readonly callee: GraphNode;
  readonly lastSeenMs: number;
};

/** The edges of all shapes that have hops, and since when, at the least, somebody has been looking. */
export type SeenEdges = { readonly edges: readonly SeenEdge[]; readonly sinceMs: number };

/** Sums up shapes; those of which nobody knows when they were seen say nothing. */
export function sumUpEdges(shapes: Iterable<Known>): SeenEdges {
  const byKey = new Map<string, SeenEdge>();
  let sinceMs = Number.POSITIVE_INFINITY;
  for (const { shape, total, lastSeenMs, firstSeenMs } of shapes) {
    if (total <= 0 || lastSeenMs === 0) continue;
    sinceMs = Math.min(sinceMs, firstSeenMs);
    const { environment, caller, callee } = shape;
    const key = JSON.stringify([environment, caller.kind, caller.name, callee.kind, callee.name]);
    const known = byKey.get(key);
    if (known === undefined || known.lastSeenMs < lastSeenMs) {
      byKey.set(key, { environment, caller, callee, lastSeenMs });
    }
  }
  return { edges: [...byKey.values()], sinceMs };
}
