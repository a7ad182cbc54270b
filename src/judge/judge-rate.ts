import type { Finding } from "../model/finding.ts";
import { credentialVisibilityLost } from "./credential-visibility-lost.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";
import type { ServiceRate } from "./service-rates.ts";
import { telemetryFlood } from "./telemetry-flood.ts";
import { telemetrySilent } from "./telemetry-silent.ts";
import { telemetryThinned } from "./telemetry-thinned.ts";

type Rule = (rate: ServiceRate, context: JudgeContext) => readonly Finding[];

const RULES: readonly Rule[] = [telemetrySilent, telemetryThinned, telemetryFlood, credentialVisibilityLost];

/** All findings on what a service sent hour by hour. Pure and total. */
export function judgeRate(rate: ServiceRate, context: JudgeContext): readonly Finding[] {
  return isWithoutBaseline(context) ? [] : RULES.flatMap((rule) => rule(rate, context));
}
