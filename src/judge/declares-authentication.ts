import type { JudgedHop } from "./judged-hop.ts";
import { isDeclared, serviceDeclaration } from "./party.ts";

/** True where owners have said something about the credentials of this call; elsewhere some drift is posture only. */
export function declaresAuthentication({ call, callee }: JudgedHop): boolean {
  const accepts = serviceDeclaration(callee)?.accepts ?? null;
  return accepts !== null || (call !== null && (call.auth !== null || call.token !== null));
}

/** True where some file names one of the two sides: what two strangers do with each other is inventory. */
export function isOfInterest({ caller, callee }: JudgedHop): boolean {
  return isDeclared(caller) || isDeclared(callee);
}

/** How a sentence names who called. */
export function callerName({ subject }: JudgedHop): string {
  return subject.caller?.name ?? "an unseen caller";
}
