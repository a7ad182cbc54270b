import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { callerName, isOfInterest } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { sidesInMesh } from "./mesh-tls.ts";
import { presentedOn, subjectOf } from "./presented-tokens.ts";

/**
 * A credential that is good for whoever reads it went over plain HTTP, as the caller's client sees it. Sidecars that
 * nobody declares may encrypt it all the same, so this is posture; where one side is declared to have one, and the other
 * side has none, nothing encrypts.
 */
export function plaintextBearer(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape } = hop;
  const isOverNetwork = callee.kind === "service" || callee.kind === "external";
  if (shape.transport !== "plaintext" || shape.peer !== null || !isOverNetwork || !isOfInterest(hop)) return [];
  const mesh = sidesInMesh(hop);
  const [bearer] = presentedOn(hop).filter(isBearer);
  if (bearer === undefined || mesh === "both") return [];
  return [
    createFinding({
      rule: "plaintext-bearer",
      subject: subjectOf(hop, bearer),
      keyFields: [caller.name, callee.name],
      verdict: mesh === "one" && callee.kind === "service" ? "violation" : "insufficient-evidence",
      summary: `${callerName(hop)} sent ${callee.name} a credential over plain HTTP`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ];
}

/** What is bound to a key or signs one request does not help who reads it on the way. */
function isBearer({ confirmation, format, slot }: CredentialProfile): boolean {
  return confirmation === null && format !== "signature" && slot !== "proof";
}
