import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { ServiceRate } from "./service-rates.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

const DAYS = 7;
const THIN_HOURS = 3;
/** In an hour of fewer spans, chance decides. */
const SPANS_MIN = 100;
const THIN_SHARE = 0.1;

/** For three hours on end, a service sent less than a tenth of the least that it sent at that hour of the last 7 days. */
export function telemetryThinned(rate: ServiceRate, context: JudgeContext): readonly Finding[] {
  const sender = declaredSender(rate.environment, rate.service, context);
  if (sender === null || !isThin(rate)) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "telemetry-thinned",
      subject: aboutSender(sender),
      keyFields: [name],
      summary: `${name} sends less than a tenth of the spans that it sent at this time of day all week`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}

/** A service that sends nothing at all is silent, which is another rule's. */
function isThin({ hours }: ServiceRate): boolean {
  const latest = Array.from({ length: THIN_HOURS }, (_, index) => index);
  if (latest.every((index) => (hours[index]?.spans ?? 0) === 0)) return false;
  return latest.every((index) => {
    const spans = hours[index]?.spans;
    const least = Math.min(...Array.from({ length: DAYS }, (_, day) => hours[index + 24 * (day + 1)]?.spans ?? 0));
    return spans !== undefined && least >= SPANS_MIN && spans < THIN_SHARE * least;
  });
}
