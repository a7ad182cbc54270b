import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { ServiceRate } from "./service-rates.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

/** A hundred spans a second: what floods nobody is nobody's business. */
const SPANS_MIN = 360_000;
const TIMES_MORE = 20;
const HOURS_MIN = 140;

/** In one hour, a service sent twenty times the most that it sent in any hour of a week. */
export function telemetryFlood(
  { environment, service, hours }: ServiceRate,
  context: JudgeContext,
): readonly Finding[] {
  const sender = declaredSender(environment, service, context);
  const [latest, ...before] = hours;
  if (sender === null || latest === undefined || latest === null || latest.spans < SPANS_MIN) return [];
  const known = before.flatMap((hour) => (hour === null || hour.spans === 0 ? [] : [hour.spans]));
  if (known.length < HOURS_MIN || latest.spans <= TIMES_MORE * Math.max(...known)) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "telemetry-flood",
      subject: aboutSender(sender),
      keyFields: [name],
      summary: `${name} sent more than ${TIMES_MORE} times the spans of its busiest hour of the week`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}
