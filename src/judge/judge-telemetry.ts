import type { TelemetrySighting } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isWithoutBaseline } from "./judge-context.ts";
import { rawCredentialInTelemetry } from "./raw-credential-in-telemetry.ts";
import { serviceNameConflict } from "./service-name-conflict.ts";
import { spanIdentityConflict } from "./span-identity-conflict.ts";
import { unattestedServiceName } from "./unattested-service-name.ts";
import { untrustedTraceParent } from "./untrusted-trace-parent.ts";

type Rule = (sighting: TelemetrySighting, context: JudgeContext) => readonly Finding[];

const RULES: readonly Rule[] = [
  rawCredentialInTelemetry,
  spanIdentityConflict,
  serviceNameConflict,
  untrustedTraceParent,
  unattestedServiceName,
];

/** All findings on something about the telemetry itself. Pure and total. */
export function judgeTelemetry(sighting: TelemetrySighting, context: JudgeContext): readonly Finding[] {
  return isWithoutBaseline(context) ? [] : RULES.flatMap((rule) => rule(sighting, context));
}
