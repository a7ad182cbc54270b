import type { TelemetrySighting } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { serviceDeclaration } from "./party.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

/** A pipeline may add an environment or release to spans that also arrive without; nothing on the way changes this. */
const OF_THE_SENDER_ALONE = "runtime";

/**
 * One span came from two senders that cannot be one: somebody copies ids, or makes them up. A proxy may report spans
 * in its service's name.
 */
export function spanIdentityConflict(sighting: TelemetrySighting, context: JudgeContext): readonly Finding[] {
  const { kind, environment, service, detail } = sighting;
  if (kind !== "identity-conflict" || detail !== OF_THE_SENDER_ALONE) return [];
  const sender = declaredSender(environment, service, context);
  if (sender === null || serviceDeclaration(sender.party)?.traits.has("proxy") === true) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "span-identity-conflict",
      subject: aboutSender(sender),
      keyFields: [name],
      summary: `two senders of unlike ${detail} sent a span with the same ids as ${name}`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}
