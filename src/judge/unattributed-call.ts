import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/** A service that declares `callers`, or that it requires tokens, accepted a call whose caller was never seen. */
export function unattributedCall({ callee, shape, context, subject }: JudgedHop): readonly Finding[] {
  const declaration = serviceDeclaration(callee);
  if (declaration === null || shape.type !== "unattributed" || shape.outcome !== "ok") return [];
  const requiresTokens = declaration.accepts !== null && declaration.accepts.length > 0;
  if ((declaration.callers === null && !requiresTokens) || isProbe(context, shape.operation)) return [];
  const decidingKey = declaration.callers === null ? "accepts" : "callers";
  const position = declaration.callers === null ? declaration.acceptsPosition : declaration.callersPosition;
  return [
    createFinding({
      rule: "unattributed-call",
      subject,
      keyFields: [callee.name],
      summary: `${callee.name} accepted a call from a caller that was never seen`,
      decidedBy: {
        position: position ?? declaration.position,
        says: `services.${callee.name}.${decidingKey} restricts who may call`,
      },
      confidence: "medium",
    }),
  ];
}
