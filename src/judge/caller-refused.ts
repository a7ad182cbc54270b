import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isNamedBy, serviceDeclaration } from "./party.ts";

/** The callee's `callers` does not name the caller, whatever the caller declares for itself. */
export function callerRefused({ caller, callee, shape, context, subject, confidence }: JudgedHop): readonly Finding[] {
  const declaration = serviceDeclaration(callee);
  if (declaration === null || declaration.callers === null) return [];
  if (caller.kind !== "service" || caller.name === callee.name) return [];
  if (isProbe(context, shape.operation) || declaration.callers.some((glob) => isNamedBy(glob, caller))) return [];
  return [
    createFinding({
      rule: "caller-refused",
      subject,
      keyFields: [caller.name, callee.name],
      summary: `${caller.name} called ${callee.name}, which does not name it among its callers`,
      decidedBy: {
        position: declaration.callersPosition ?? declaration.position,
        says: `services.${callee.name}.callers does not name ${caller.name}`,
      },
      confidence,
    }),
  ];
}
