import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/**
 * What it is worth that a declared callee answered: `violation` where it accepted, `suspicious` where its answer leaves
 * open whether it had, null where it refused, is not declared, or ignores credentials on this operation.
 */
export function acceptance(hop: JudgedHop): "violation" | "suspicious" | null {
  const { outcome } = hop.shape;
  if (serviceDeclaration(hop.callee) === null || outcome === "refused" || isPublicOperation(hop)) return null;
  return outcome === "ok" ? "violation" : "suspicious";
}

/** True where the callee declares that it asks nobody here who they are, and ignores what they show. */
export function isPublicOperation({ callee, shape }: Pick<JudgedHop, "callee" | "shape">): boolean {
  const { operation } = shape;
  const patterns = serviceDeclaration(callee)?.public ?? [];
  return operation !== null && patterns.some((pattern) => pattern.matches(operation));
}
