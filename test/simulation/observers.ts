import { type Call, hasCallingSpan, isCalledSide, isEntrySeen, type Trace, type Visit } from "./traces.ts";

/** Who shows a call's token in spans that are exported, as far as one of its callees goes. */
export function tokenSides(caller: Visit, call: Call, callee: Visit | null): { caller: boolean; callee: boolean } {
  const { token, observers } = call;
  if (token === null) return { caller: false, callee: false };
  return {
    caller: observers.caller && hasCallingSpan(caller, call),
    callee: observers.callee && callee !== null && isEntrySeen(callee) && isCalledSide(callee),
  };
}

/** True where spans show that this callee received the call's token. */
export function isReceiptSeen(caller: Visit, call: Call, callee: Visit): boolean {
  const sides = tokenSides(caller, call, callee);
  return isEntrySeen(callee) && (sides.caller || sides.callee);
}

/** True where spans show that a trace's first service received a token. */
export function isRootReceiptSeen({ root, token }: Pick<Trace, "root" | "token">): boolean {
  return token !== null && isEntrySeen(root) && (root.entry === "server" || root.entry === "internal-server");
}

/** True where the span that the callees hang from is exported. */
export function isCallerSpanSeen(caller: Visit, call: Call): boolean {
  if (!caller.service.isInstrumented) return false;
  return call.carrier !== "bare" || call.wrappers > 0 || isEntrySeen(caller);
}
