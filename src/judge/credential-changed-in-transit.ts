import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { hasTrait } from "./may-relay.ts";

/**
 * The callee received another credential than the caller sent. Gateways and exchangers swap tokens for a living, and with
 * mode exchange something on the way may do it; where owners did not declare what the caller sends, it is posture.
 */
export function credentialChangedInTransit({ shape, call, caller, callee, subject }: JudgedHop): readonly Finding[] {
  if (!shape.isCredentialChanged || shape.credential === null || call === null) return [];
  const mode = call.token?.mode ?? null;
  if (mode === "exchange") return [];
  if ([caller, callee].some((party) => hasTrait(party, "gateway", "exchanger", "proxy"))) return [];
  return [
    createFinding({
      rule: "credential-changed-in-transit",
      subject,
      keyFields: [caller.name, callee.name, shape.credential.issuer ?? ""],
      verdict: mode === null && call.auth === null ? "insufficient-evidence" : "violation",
      summary: `${callee.name} received another credential than ${caller.name} sent`,
      decidedBy: {
        position: call.token?.position ?? call.position,
        says: `services.${caller.name}.calls.${call.callee.text} declares what is presented, and nobody between them`,
      },
      confidence: "medium",
    }),
  ];
}
