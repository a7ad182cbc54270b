import type { TelemetrySighting } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isNamedBy, type Party, serviceDeclaration } from "./party.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

/** Whom an ingress names where browsers or apps send spans of their own, which the collector need not get. */
const TRACED_OUTSIDE: ReadonlySet<string> = new Set(["browser", "browsers", "mobile", "rum"]);

/**
 * A caller from outside chose the trace's id, and whether it is sampled. The baseline says that callers are outside:
 * the service has an ingress, and nobody declares a call to it. A parent that is lost elsewhere is no stranger.
 */
export function untrustedTraceParent(sighting: TelemetrySighting, context: JudgeContext): readonly Finding[] {
  const { kind, environment, service } = sighting;
  const sender = kind === "untrusted-parent" ? declaredSender(environment, service, context) : null;
  if (sender === null || !isCalledFromOutsideOnly(sender.party, context)) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "untrusted-trace-parent",
      subject: aboutSender(sender),
      keyFields: [name],
      verdict: "suspicious",
      summary: `${name} goes on with traces that callers from outside began`,
      decidedBy: null,
      confidence: "low",
    }),
  ];
}

function isCalledFromOutsideOnly(party: Party, { baseline }: JudgeContext): boolean {
  const ingress = serviceDeclaration(party)?.ingress ?? [];
  if (ingress.length === 0 || ingress.some(({ from }) => TRACED_OUTSIDE.has(from))) return false;
  for (const { calls } of baseline.services.values()) {
    if (calls.some(({ callee }) => isNamedBy(callee, party))) return false;
  }
  return true;
}
