import type { CallDeclaration, Trait } from "../model/baseline.ts";
import { type Party, serviceDeclaration } from "./party.ts";

/** True where a party has one of the traits by declaration; what it says of itself counts for nothing. */
export function hasTrait(party: Party, ...traits: readonly Trait[]): boolean {
  const declared = serviceDeclaration(party)?.traits;
  return declared !== undefined && traits.some((trait) => declared.has(trait));
}

/**
 * True where the baseline lets a service pass received tokens on to another: by the call's mode or, where the call says
 * nothing about its mode, because it is a gateway or a proxy. Who issues and checks tokens may be asked about any.
 */
export function mayRelay(call: CallDeclaration | null, caller: Party, callee: Party): boolean {
  const mode = call?.token?.mode ?? null;
  if (mode !== null) return mode === "passthrough";
  return hasTrait(caller, "gateway", "proxy") || hasTrait(callee, "control-plane");
}
