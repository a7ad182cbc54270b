import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { isPublicAddress } from "./host.ts";
import { isProbe } from "./judge-context.ts";
import { isOutside, type JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/** Traffic with evidence of the outside enters a declared service that declares no ingress for the operation. */
export function undeclaredIngress(hop: JudgedHop): readonly Finding[] {
  const { callee, shape, context } = hop;
  const declaration = serviceDeclaration(callee);
  if (declaration === null || shape.type !== "direct" || !comesFromOutside(hop)) return [];
  if (isProbe(context, shape.operation) || isDeclaredIngress(hop)) return [];
  const isPartly = declaration.ingress.length > 0;
  const position = declaration.ingress[0]?.position ?? declaration.position;
  const missing = isPartly ? `no entry for ${shape.operation}` : "no entry";
  return [
    createFinding({
      rule: "undeclared-ingress",
      subject: hop.subject,
      keyFields: [callee.name],
      summary: `${callee.name} was called from outside, for which it declares no ingress`,
      decidedBy: { position, says: `services.${callee.name}.ingress has ${missing}` },
      // The address is what the request or a proxy claims.
      confidence: "medium",
    }),
  ];
}

function comesFromOutside({ shape, evidence, context }: JudgedHop): boolean {
  if (!isOutside(shape.caller) || shape.origin !== "public") return false;
  const { clientAddress } = evidence;
  return clientAddress === null || isPublicAddress(clientAddress, context.baseline.internal.cidrs);
}

function isDeclaredIngress({ callee, shape }: JudgedHop): boolean {
  const { operation } = shape;
  return (serviceDeclaration(callee)?.ingress ?? []).some(
    ({ operations }) =>
      operations === null || operation === null || operations.some((pattern) => pattern.matches(operation)),
  );
}
