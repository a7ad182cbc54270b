import type { Evidence } from "../model/graph.ts";

/** First, last and up to 20 in between. */
const EVIDENCE_MAX = 22;

/**
 * Joins the evidence of an alert with new evidence, oldest first, one a trace.
 * The first and the last always stay; of those between, the ones that show nothing new leave first.
 */
export function mergeEvidence(kept: readonly Evidence[], added: readonly Evidence[]): readonly Evidence[] {
  const byTrace = new Map<string, Evidence>();
  for (const evidence of [...kept, ...added]) {
    if (!byTrace.has(evidence.traceId)) byTrace.set(evidence.traceId, evidence);
  }
  const merged = [...byTrace.values()].sort((one, other) => one.atMs - other.atMs);
  while (merged.length > EVIDENCE_MAX) merged.splice(leastTellingIndex(merged), 1);
  return merged;
}

/** The newest one in between that shares its release and client address with another, else the newest in between. */
function leastTellingIndex(evidence: readonly Evidence[]): number {
  const counts = new Map<string, number>();
  for (const one of evidence) counts.set(traits(one), (counts.get(traits(one)) ?? 0) + 1);
  const newest = evidence.length - 2;
  for (let index = newest; index > 0; index--) {
    const one = evidence[index];
    if (one !== undefined && (counts.get(traits(one)) ?? 0) > 1) return index;
  }
  return newest;
}

function traits(evidence: Evidence): string {
  return JSON.stringify([evidence.release, evidence.clientAddress]);
}
