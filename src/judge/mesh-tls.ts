import type { JudgedHop } from "./judged-hop.ts";
import { isNamedBy } from "./party.ts";

/**
 * Which of the two sides `settings.meshTls` names, whose sidecar encrypts what the application sends in the clear. It
 * takes one at both ends.
 */
export function sidesInMesh({ caller, callee, context }: JudgedHop): "both" | "one" | "none" {
  const { meshTls } = context.baseline.settings;
  const named = [caller, callee].filter((party) => meshTls.some((glob) => isNamedBy(glob, party)));
  if (named.length === 2) return "both";
  return named.length === 1 ? "one" : "none";
}
