import type { Alert } from "../model/alert.ts";
import type { Finding } from "../model/finding.ts";

/** So many alerts of one rule and callee may want a person at once; a roll-up takes the rest. */
export const OPEN_KEYS_MAX = 20;

/** A list comes first, which no rule's own key fields do: no service called `rollup` can be mistaken for a roll-up. */
const MARK = ["rollup"] as const;

/** What the alerts are counted by: one rule, one environment, one callee. */
export function rollUpGroup({ rule, environment, callee }: Finding): string {
  return JSON.stringify([rule, environment, callee]);
}

/** The finding that stands for all further ones of a rule and callee; it names no caller, since there are many. */
export function rollUpFinding(finding: Finding): Finding {
  const { rule, callee } = finding;
  const where = callee === null ? "" : ` at ${callee}`;
  return {
    ...finding,
    keyFields: [MARK, callee ?? ""],
    severityReasons: [],
    caller: null,
    operation: null,
    audiences: [],
    credential: null,
    owner: null,
    summary: `more than ${OPEN_KEYS_MAX} alerts of ${rule}${where} are open; this one takes the rest`,
    decidedBy: null,
  };
}

/** Tells whether an alert stands for many findings. */
export function isRollUp(alert: Alert): boolean {
  return Array.isArray(alert.finding.keyFields[0]);
}
