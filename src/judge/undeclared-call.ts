import type { DecidingLine, Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isDeclared, serviceDeclaration } from "./party.ts";

/** A service calls a service, at least one of them declared, and the caller's `calls` has no entry for the callee. */
export function undeclaredCall(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape, context } = hop;
  if (caller.kind !== "service" || callee.kind !== "service" || shape.type === "unattributed") return [];
  if (!isDeclared(caller) && !isDeclared(callee)) return [];
  if (hop.call !== null || caller.name === callee.name || isProbe(context, shape.operation)) return [];
  return [
    createFinding({
      rule: "undeclared-call",
      subject: hop.subject,
      keyFields: [caller.name, callee.name],
      summary: `${caller.name} called ${callee.name}, which it does not declare`,
      decidedBy: nearestEntry(hop),
      confidence: hop.confidence,
    }),
  ];
}

function nearestEntry({ caller, callee }: JudgedHop): DecidingLine | null {
  const ofCaller = serviceDeclaration(caller);
  if (ofCaller !== null) {
    return { position: ofCaller.position, says: `services.${caller.name}.calls has no entry for ${callee.name}` };
  }
  const ofCallee = serviceDeclaration(callee);
  if (ofCallee === null) return null;
  return { position: ofCallee.position, says: `services names ${callee.name}, but not ${caller.name}` };
}
