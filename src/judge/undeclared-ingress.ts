import type { IngressDeclaration, ServiceDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { isPublicAddress } from "./host.ts";
import { isProbe } from "./judge-context.ts";
import { isOutside, type JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/**
 * Traffic with evidence of the outside enters a declared service that declares no ingress for the operation, or brings a
 * token where every entry for it says `none`. A token that is missing is for `unauthenticated-call-accepted`.
 */
export function undeclaredIngress(hop: JudgedHop): readonly Finding[] {
  const { callee, shape, context } = hop;
  const declaration = serviceDeclaration(callee);
  if (declaration === null || !comesFromOutside(hop)) return [];
  if (isProbe(context, shape.operation)) return [];
  const entries = declaration.ingress.filter((entry) => isFor(entry, shape.operation));
  const [entry] = entries;
  if (entry === undefined) return [withoutEntry(hop, declaration)];
  const isWithToken = shape.credential !== null && shape.credential.quality !== "absent";
  return isWithToken && entries.every(({ token }) => token === "none") ? [withToken(hop, entry)] : [];
}

function withoutEntry({ callee, shape, subject }: JudgedHop, { ingress, position }: ServiceDeclaration): Finding {
  const missing = ingress.length > 0 ? `no entry for ${shape.operation}` : "no entry";
  return createFinding({
    rule: "undeclared-ingress",
    subject,
    keyFields: [callee.name],
    summary: `${callee.name} was called from outside, for which it declares no ingress`,
    decidedBy: { position: ingress[0]?.position ?? position, says: `services.${callee.name}.ingress has ${missing}` },
    // The address is what the request or a proxy claims.
    confidence: "medium",
  });
}

function withToken({ callee, subject }: JudgedHop, { position }: IngressDeclaration): Finding {
  return createFinding({
    rule: "undeclared-ingress",
    subject,
    keyFields: [callee.name, "token"],
    summary: `${callee.name} was called from outside with a token, for which it declares no ingress`,
    decidedBy: { position, says: `services.${callee.name}.ingress has token: none` },
    confidence: "medium",
  });
}

function isFor({ operations }: IngressDeclaration, operation: string | null): boolean {
  return operations === null || operation === null || operations.some((pattern) => pattern.matches(operation));
}

function comesFromOutside({ shape, evidence, context }: JudgedHop): boolean {
  if (!isOutside(shape.caller) || shape.origin !== "public") return false;
  const { clientAddress } = evidence;
  return clientAddress === null || isPublicAddress(clientAddress, context.baseline.internal.cidrs);
}
