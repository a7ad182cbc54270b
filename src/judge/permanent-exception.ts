import type { ExceptionDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { agesOutMs } from "./calendar.ts";
import type { JudgeContext } from "./judge-context.ts";
import { describeRule } from "./rules.ts";

const RENEWALS_MAX = 2;

/** An exception in date that has been renewed more than twice, or is older than exceptions may become, and is in use. */
export function permanentException(
  finding: Finding,
  { id, position, created, renewals }: ExceptionDeclaration,
  { baseline, atMs }: JudgeContext,
): readonly Finding[] {
  const oldSinceMs = agesOutMs(created, baseline);
  const isOld = oldSinceMs !== null && atMs >= oldSinceMs;
  if (renewals <= RENEWALS_MAX && !isOld) return [];
  const because =
    renewals > RENEWALS_MAX
      ? `was renewed ${renewals} times`
      : `is in use for more than ${baseline.settings.maxExceptionDays} days`;
  const { severity, waysOut } = describeRule("permanent-exception");
  return [
    {
      ...finding,
      rule: "permanent-exception",
      keyFields: [id],
      verdict: "violation",
      exception: id,
      severity,
      severityReasons: [],
      summary: `${id} ${because}: ${finding.summary}`,
      decidedBy: { position, says: `${id} is an exception to ${finding.rule}` },
      waysOut,
    },
  ];
}
