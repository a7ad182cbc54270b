import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { HourCounts, ServiceRate } from "./service-rates.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

const DAY_HOURS = 24;
const DAYS = 7;
const CALLS_MIN = 100;
const SHOWN_SHARE = 0.1;

/** Day after day a service's called spans showed credentials, and in the last 24 hours not one of a hundred did. */
export function credentialVisibilityLost(rate: ServiceRate, context: JudgeContext): readonly Finding[] {
  const sender = declaredSender(rate.environment, rate.service, context);
  if (sender === null) return [];
  const latest = sumOf(rate.hours.slice(0, DAY_HOURS));
  const days = Array.from({ length: DAYS }, (_, day) =>
    sumOf(rate.hours.slice((day + 1) * DAY_HOURS, (day + 2) * DAY_HOURS)),
  );
  if (latest.inbound < CALLS_MIN || latest.inboundWithCredential > 0 || !days.every(isShowing)) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "credential-visibility-lost",
      subject: aboutSender(sender),
      keyFields: [name],
      summary: `${name} no longer shows which credentials are presented to it`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}

function isShowing({ inbound, inboundWithCredential }: HourCounts): boolean {
  return inboundWithCredential > 0 && inboundWithCredential >= SHOWN_SHARE * inbound;
}

function sumOf(hours: readonly (HourCounts | null)[]): HourCounts {
  const sum = { spans: 0, inbound: 0, inboundWithCredential: 0 };
  for (const hour of hours) {
    sum.spans += hour?.spans ?? 0;
    sum.inbound += hour?.inbound ?? 0;
    sum.inboundWithCredential += hour?.inboundWithCredential ?? 0;
  }
  return sum;
}
