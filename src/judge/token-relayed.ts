import type { CallDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding, type Draft, type Subject } from "./create-finding.ts";
import { meantFor } from "./credential-family.ts";
import { mayRelay } from "./may-relay.ts";
import { type Party, serviceDeclaration } from "./party.ts";

/** A bearer token that a service received and presented to the next one. */
export type RelayedToken = {
  readonly subject: Subject & { readonly caller: Party; readonly callee: Party };
  /** The relaying service's entry for the next one. */
  readonly call: CallDeclaration | null;
  readonly verdict: "violation" | "suspicious";
  readonly confidence: Finding["confidence"];
};

/** A service forwarded the bearer token it had received, and the baseline does not let it. */
export function tokenRelayed(relayed: RelayedToken): readonly Finding[] {
  const { subject, call, verdict, confidence } = relayed;
  const { caller, callee, credential } = subject;
  if (isExcusedRelay(relayed)) return [];
  // Where owners have said nothing yet about the tokens of their calls, one remark a service will do.
  const isUnspoken = call !== null && call.token === null;
  return [
    createFinding({
      rule: "token-relayed",
      subject,
      keyFields: isUnspoken ? [caller.name] : [caller.name, callee.name, credential?.issuer ?? ""],
      verdict,
      ...startingSeverity(callee, isUnspoken),
      summary: describeRelay(relayed),
      decidedBy: nearestEntry(relayed),
      confidence,
    }),
  ];
}

/** True where the baseline lets this service pass received tokens on to that callee. */
export function isExcusedRelay({ call, subject }: Pick<RelayedToken, "call" | "subject">): boolean {
  return mayRelay(call, subject.caller, subject.callee);
}

/** Who relayed what to whom, as a sentence. */
export function describeRelay({ subject, verdict }: RelayedToken): string {
  const { caller, callee, credential } = subject;
  const token = meantFor(credential?.audiences ?? []);
  return verdict === "violation"
    ? `${caller.name} relayed ${token} to ${callee.name}`
    : `${caller.name} presented to ${callee.name} ${token} that it had received elsewhere`;
}

/** The line that speaks of tokens on this call, or the place where it would stand. */
export function nearestEntry({ call, subject }: RelayedToken): Finding["decidedBy"] {
  const { caller, callee } = subject;
  const declaration = serviceDeclaration(caller);
  const path = `services.${caller.name}.calls`;
  if (call !== null) {
    const says = `${path}.${call.callee.text}.token has no mode passthrough`;
    return { position: call.token?.position ?? call.position, says };
  }
  return declaration && { position: declaration.position, says: `${path} has no entry for ${callee.name}` };
}

function startingSeverity(callee: Party, isUnspoken: boolean): Pick<Draft, "startingAt"> {
  if (isUnspoken) {
    const because = "Low at first: the call declares nothing about tokens.";
    return { startingAt: { severity: "low", because } };
  }
  const criticality = serviceDeclaration(callee)?.criticality;
  if (criticality !== "high" && criticality !== "critical") return {};
  return { startingAt: { severity: "high", because: `High at first: the callee's criticality is ${criticality}.` } };
}
