import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { serviceDeclaration } from "./party.ts";
import type { HourCounts, ServiceRate } from "./service-rates.ts";
import { aboutSender, declaredSender } from "./telemetry-subject.ts";

/** Of the hours in which others were heard, so many may be missing; one with gaps of its own is not steady. */
const HOURS_MIN = 140;
const STEADY_SHARE = 0.95;
const SILENT_HOURS_MIN = 2;

/** A service was heard hour after hour for a week, and for two whole hours only others were. */
export function telemetrySilent(rate: ServiceRate, context: JudgeContext): readonly Finding[] {
  const sender = declaredSender(rate.environment, rate.service, context);
  if (sender === null || serviceDeclaration(sender.party)?.lifecycle?.state === "retired") return [];
  const heard = rate.hours.filter((hour) => hour !== null);
  const silence = heard.findIndex(({ spans }) => spans > 0);
  if (silence < SILENT_HOURS_MIN || !isSteady(heard.slice(silence))) return [];
  const { name } = sender.party;
  return [
    createFinding({
      rule: "telemetry-silent",
      subject: aboutSender(sender),
      keyFields: [name],
      summary: `${name} sent spans every hour for a week, and has stopped`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}

function isSteady(hours: readonly HourCounts[]): boolean {
  const sending = hours.filter(({ spans }) => spans > 0).length;
  return hours.length >= HOURS_MIN && sending >= STEADY_SHARE * hours.length;
}
