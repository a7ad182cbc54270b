import type { TelemetrySighting } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { type Party, serviceDeclaration } from "./party.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

const NAMESPACE = "k8s.namespace.name";
/** Two languages under one name are an application and its proxy or web page more often than two workloads. */
const PLACES: ReadonlySet<string> = new Set([NAMESPACE, "cloud.account.id"]);

/**
 * Workloads in two places go by one name at about the same time. Without senders that prove who they are it is a
 * suspicion: one service may run in several places, and the baseline may say so.
 */
export function serviceNameConflict(sighting: TelemetrySighting, context: JudgeContext): readonly Finding[] {
  const { kind, environment, service, detail } = sighting;
  const sender = kind === "name-conflict" ? declaredSender(environment, service, context) : null;
  if (sender === null || !PLACES.has(detail) || runsInSeveral(sender.party, detail)) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "service-name-conflict",
      subject: aboutSender(sender),
      keyFields: [name],
      verdict: "suspicious",
      summary: `workloads that differ in ${detail} send spans as ${name} at the same time`,
      decidedBy: null,
      confidence: "low",
    }),
  ];
}

/** Whether the baseline says that one such service is there for all, or names service accounts in several namespaces. */
function runsInSeveral(party: Party, attribute: string): boolean {
  const declaration = serviceDeclaration(party);
  if (declaration === null) return false;
  const namespaces = new Set(declaration.kubernetes.map((account) => account.split("/")[0]));
  return declaration.traits.has("environment-neutral") || (attribute === NAMESPACE && namespaces.size > 1);
}
