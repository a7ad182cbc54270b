import type { Finding } from "../model/finding.ts";
import { mayPassOn } from "./client-presenter-mismatch.ts";
import { createFinding } from "./create-finding.ts";
import { isWorkload, ownsWorkload } from "./identity-owner.ts";
import type { JudgedHop } from "./judged-hop.ts";

/**
 * A service presents a token whose subject is another workload: a SPIFFE id or service account that the baseline does
 * not give to it. Either the token was taken, or the name on the span is not true.
 */
export function workloadSubjectMismatch(hop: JudgedHop): readonly Finding[] {
  const { shape, caller, callee, context, subject } = hop;
  const { credential } = shape;
  if (credential === null || caller.kind !== "service") return [];
  const { subject: workload, role } = credential;
  if (workload === null || !isWorkload(workload) || role === "transaction" || credential.quality !== "full") return [];
  if (ownsWorkload(workload, caller, context) !== "another's" || mayPassOn(hop)) return [];
  return [
    createFinding({
      rule: "workload-subject-mismatch",
      subject,
      keyFields: [workload, caller.name],
      verdict: isCallerCertain(hop) ? "violation" : "suspicious",
      summary: `${caller.name} presented to ${callee.name} a token of ${workload}, which is another workload`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ];
}

/** Spans are taken at their word where owners have not asked for more; a certificate is more. */
function isCallerCertain({ shape, caller, context }: JudgedHop): boolean {
  const { peer, credentialSeenBy } = shape;
  if (peer !== null && ownsWorkload(peer.id, caller, context) === "own") return true;
  return context.baseline.settings.attestation === "ignore" && credentialSeenBy === "callee";
}
