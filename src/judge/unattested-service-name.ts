import type { Baseline, SenderDeclaration } from "../model/baseline.ts";
import type { TelemetrySighting } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isNamedBy, type Party } from "./party.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

/**
 * A sender reports spans as a service that the baseline does not let it speak for. Who proves nothing, or is somebody
 * whom the baseline does not know, is such a sender only where it asks everybody.
 */
export function unattestedServiceName(sighting: TelemetrySighting, context: JudgeContext): readonly Finding[] {
  const { kind, environment, service, detail: principal } = sighting;
  if (kind !== "sender" || context.baseline.settings.attestation === "ignore") return [];
  const sender = declaredSender(environment, service, context);
  if (sender === null) return [];
  const entries = entriesOf(principal, context.baseline);
  const [first] = entries;
  if (first === undefined && context.baseline.settings.attestation !== "require") return [];
  if (speaksFor(entries, sender.party)) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "unattested-service-name",
      subject: aboutSender(sender),
      keyFields: [name, principal],
      summary: `${describe(principal, first)} sends spans as ${name}`,
      decidedBy: first === undefined ? null : { position: first.position, says: `senders.${first.name}` },
      // Who proves another name says so; who proves none may be the service itself, which nobody has given a key yet.
      confidence: first === undefined ? "medium" : "high",
    }),
  ];
}

/** Whether the baseline lets a sender, by who it proved to be, speak for a service. */
export function isBound(principal: string, party: Party, baseline: Baseline): boolean {
  return speaksFor(entriesOf(principal, baseline), party);
}

function entriesOf(principal: string, { senders }: Baseline): readonly SenderDeclaration[] {
  return [...senders.values()].filter((sender) => sender.principal.matches(principal));
}

function speaksFor(entries: readonly SenderDeclaration[], party: Party): boolean {
  return entries.some(({ services }) => services.some((glob) => isNamedBy(glob, party)));
}

function describe(principal: string, known: SenderDeclaration | undefined): string {
  if (principal === "") return "a sender that proves nothing";
  return known === undefined
    ? `${principal}, which no sender of the baseline is,`
    : `${principal}, which is ${known.name} and may not,`;
}
