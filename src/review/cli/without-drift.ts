import type { Alert } from "../../model/alert.ts";
import type { ObservedEdge } from "../../model/store.ts";

/** Edges that a baseline may be seeded from, and a sentence for each thing that was kept out of it. */
export type UndisputedEdges = { readonly edges: readonly ObservedEdge[]; readonly leftOut: readonly string[] };

/**
 * Leaves out what somebody still has to decide: a baseline that is written while an attack goes on must not declare it.
 * An open alert about an audience takes that audience from its edge; about an operation, that operation; about who
 * speaks for a service, all edges of that service; any other takes the edge.
 */
export function withoutDrift(edges: readonly ObservedEdge[], alerts: readonly Alert[]): UndisputedEdges {
  const leftOut: string[] = [];
  const kept = edges.flatMap((edge) => {
    const disputes = alerts.filter((alert) => isAbout(alert, edge));
    for (const alert of disputes) leftOut.push(sentence(alert, edge));
    return disputes.reduce<readonly ObservedEdge[]>((rest, alert) => rest.flatMap((one) => trim(one, alert)), [edge]);
  });
  return { edges: kept, leftOut: [...new Set(leftOut)] };
}

function isAbout({ finding, status }: Alert, edge: ObservedEdge): boolean {
  if (status !== "open" && status !== "acknowledged") return false;
  // Whoever speaks for a service that is not its own may have made up all its calls, and those to it, in any environment.
  if ((finding.allowed ?? finding.rule) === "unattested-service-name")
    return [edge.caller, edge.callee].includes(finding.callee ?? "");
  if (finding.environment !== edge.environment || finding.callee !== edge.callee) return false;
  // A rule about the callee alone speaks of every caller that showed the same.
  return finding.caller === edge.caller || (finding.caller === null && sharesDetail(finding, edge));
}

function sharesDetail({ audiences }: Alert["finding"], edge: ObservedEdge): boolean {
  return audiences.some((audience) => edge.audiences.includes(audience));
}

function trim(edge: ObservedEdge, { finding }: Alert): readonly ObservedEdge[] {
  if (finding.rule === "undeclared-operation") {
    return [{ ...edge, operations: edge.operations.filter((operation) => operation !== finding.operation) }];
  }
  if (finding.audiences.length === 0 || finding.rule === "undeclared-call") return [];
  return [{ ...edge, audiences: edge.audiences.filter((audience) => !finding.audiences.includes(audience)) }];
}

function sentence({ id, finding }: Alert, { caller, callee }: ObservedEdge): string {
  return `left out what alert ${id} (${finding.rule}) is about on ${caller} -> ${callee}; decide it first: ${finding.summary}`;
}
