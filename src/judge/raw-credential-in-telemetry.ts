import type { TelemetrySighting } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

/** A whole credential arrived in a span: whoever reads traces had it before it was taken out here. */
export function rawCredentialInTelemetry(sighting: TelemetrySighting, context: JudgeContext): readonly Finding[] {
  const { kind, environment, service, detail } = sighting;
  const sender = kind === "raw-credential" ? declaredSender(environment, service, context) : null;
  if (sender === null) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "raw-credential-in-telemetry",
      subject: aboutSender(sender),
      keyFields: [name, detail],
      summary: `${name} sent a raw credential in ${detail}: rotate it, and stop sending it`,
      decidedBy: null,
      confidence: "high",
    }),
  ];
}
