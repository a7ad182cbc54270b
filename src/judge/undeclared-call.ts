import type { DecidingLine, Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isDeclared, serviceDeclaration } from "./party.ts";

/**
 * A service calls a service, at least one of them declared, and those whose consent the settings ask for have not given
 * it: the caller in its `calls`, the callee in its `callers`. A caller that `callers` leaves out is `caller-refused`.
 */
export function undeclaredCall(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape, context } = hop;
  if (caller.kind !== "service" || callee.kind !== "service") return [];
  if (!isDeclared(caller) && !isDeclared(callee)) return [];
  if (caller.name === callee.name || isProbe(context, shape.operation)) return [];
  const missing = missingEntry(hop);
  if (missing === null) return [];
  return [
    createFinding({
      rule: "undeclared-call",
      subject: hop.subject,
      keyFields: [caller.name, callee.name],
      summary: `${caller.name} called ${callee.name}, which ${missing === "calls" ? "it does not declare" : "does not declare its callers"}`,
      decidedBy: missing === "calls" ? nearestEntry(hop) : withoutCallers(hop),
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

/** The key that would have to name the other side; null where all has been said. */
function missingEntry({ call, callee, context }: JudgedHop): "calls" | "callers" | null {
  const { consent } = context.baseline.settings;
  const ofCallee = serviceDeclaration(callee);
  // A callee that nobody declares cannot consent.
  const needsCaller = consent !== "callee" || ofCallee === null;
  if (needsCaller && call === null) return "calls";
  return consent !== "caller" && ofCallee !== null && ofCallee.callers === null ? "callers" : null;
}

function withoutCallers({ callee, context }: JudgedHop): DecidingLine | null {
  const ofCallee = serviceDeclaration(callee);
  if (ofCallee === null) return null;
  const says = `services.${callee.name} has no callers, and settings.consent is ${context.baseline.settings.consent}`;
  return { position: ofCallee.position, says };
}
