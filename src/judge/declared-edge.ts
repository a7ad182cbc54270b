import type { CallDeclaration, ForbiddenDeclaration } from "../model/baseline.ts";
import { isExact } from "./glob-index.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isNamedBy, type Party, serviceDeclaration } from "./party.ts";

/** The caller's entry for the callee: the one that names it, else the glob with the longest literal prefix; or null. */
export function declaredCall(caller: Party, callee: Party): CallDeclaration | null {
  let best: CallDeclaration | null = null;
  for (const call of serviceDeclaration(caller)?.calls ?? []) {
    if (!isNamedBy(call.callee, callee)) continue;
    if (isExact(call.callee)) return call;
    if (best === null || call.callee.literalPrefix.length > best.callee.literalPrefix.length) best = call;
  }
  return best;
}

/** The entry that forbids the edge, or null. */
export function forbiddenEntry(context: JudgeContext, caller: Party, callee: Party): ForbiddenDeclaration | null {
  if (!isCallable(caller) || !isCallable(callee)) return null;
  const entries = callee.spellings.flatMap((name) => context.forbidden.matches(name));
  return entries.find((entry) => isNamedBy(entry.caller, caller)) ?? null;
}

/** True for what a call can be declared to; datastores and destinations have keys of their own. */
export function isCallable(party: Party): boolean {
  return party.kind === "service" || party.kind === "external";
}
