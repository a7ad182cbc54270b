import type { Position } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { endOfDay } from "./calendar.ts";

/** A permission that had a last day: an exception, the mode of a call's token, the sharing of a datastore. */
export type Permission = {
  /** What tells it from all others, as people write it. */
  readonly id: string;
  readonly position: Position;
  /** `YYYY-MM-DD`. */
  readonly expires: string;
};

/**
 * What a permission allowed goes on after its last day. One alert a permission takes the place of all that it held back,
 * and is as severe as the gravest of it, until somebody renews the entry or takes it out.
 */
export function exceptionExpired(finding: Finding, { id, position, expires }: Permission): Finding {
  return {
    ...finding,
    rule: "exception-expired",
    allowed: finding.rule,
    keyFields: [id],
    verdict: "violation",
    exception: id,
    sinceMs: endOfDay(expires),
    summary: `${id} ended with ${expires}, and what it allowed goes on: ${finding.summary}`,
    decidedBy: { position, says: `${id} expires: ${expires}` },
    waysOut: ["declare", "fix"],
  };
}
