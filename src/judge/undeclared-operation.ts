import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";

/** The call is declared with operations, and none of them is this one. An operation that is not known is no drift. */
export function undeclaredOperation(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, call, shape, context } = hop;
  const { operation } = shape;
  if (call === null || call.operations === null || operation === null || isProbe(context, operation)) return [];
  if (call.operations.some((pattern) => pattern.matches(operation))) return [];
  return [
    createFinding({
      rule: "undeclared-operation",
      subject: hop.subject,
      keyFields: [caller.name, callee.name, operation],
      summary: `${caller.name} called ${callee.name} for ${operation}, which it does not declare`,
      decidedBy: {
        position: call.position,
        says: `services.${caller.name}.calls.${call.callee.text}.operations has no pattern for ${operation}`,
      },
      confidence: hop.confidence,
    }),
  ];
}
