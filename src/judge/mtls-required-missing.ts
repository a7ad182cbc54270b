import type { DecidingLine, Finding } from "../model/finding.ts";
import { isPublicOperation } from "./acceptance.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { sidesInMesh } from "./mesh-tls.ts";
import { serviceDeclaration } from "./party.ts";

/** The baseline requires mutual TLS between the two, and the call came without. */
export function mtlsRequiredMissing(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape, context } = hop;
  const decidedBy = requiredBy(hop);
  if (decidedBy === null || shape.peer !== null || shape.type === "logical") return [];
  if (isProbe(context, shape.operation) || isPublicOperation(hop)) return [];
  const verdict = weigh(hop);
  if (verdict === null) return [];
  return [
    createFinding({
      rule: "mtls-required-missing",
      subject: hop.subject,
      keyFields: [caller.name, callee.name],
      verdict,
      summary: `${callerName(hop)} called ${callee.name} without the client certificate that is required`,
      decidedBy,
      confidence: hop.confidence,
    }),
  ];
}

/** With two keys the stricter holds: the call's own, or the callee's for all its callers. */
function requiredBy({ caller, callee, call }: JudgedHop): DecidingLine | null {
  if (call?.isMtlsRequired === true) {
    return { position: call.position, says: `services.${caller.name}.calls.${call.callee.text}.mtls is required` };
  }
  const declaration = serviceDeclaration(callee);
  if (declaration?.isMtlsRequired !== true) return null;
  return { position: declaration.position, says: `services.${callee.name}.identity.mtls is required` };
}

/**
 * A certificate is missing only where the callee is known to show those that come. Plain HTTP, as the caller's
 * application sees it, may be encrypted by a sidecar, unless the callee is known to speak TLS itself.
 */
function weigh(hop: JudgedHop): "violation" | "insufficient-evidence" | null {
  const { callee, shape, context } = hop;
  const { environment, transport } = shape;
  if (callee.kind !== "service") return transport === "plaintext" ? "violation" : null;
  const { name } = shape.callee;
  if (context.learned.visibility.showsPeers(environment, name)) return "violation";
  const isInTheClear = transport === "plaintext" && sidesInMesh(hop) !== "both";
  return isInTheClear && context.learned.visibility.showsTls(environment, name) ? "violation" : "insufficient-evidence";
}
