import type { Alert } from "../model/alert.ts";
import type { Finding, RuleId } from "../model/finding.ts";
import { wantedStatus } from "./wanted-status.ts";

/** A list comes first, which no rule's own key fields do: no service called `rollup` can be mistaken for a roll-up. */
const MARK = "rollup";

/** Rules about names that nobody declared, of which whoever sends spans can make up any number. */
const OF_NAMES: ReadonlySet<RuleId> = new Set(["unknown-service", "unknown-environment"]);

/** Rules about what senders claim, the environment included: they get no places in each. */
const OF_CLAIMS: ReadonlySet<RuleId> = new Set(["unknown-environment", "unattested-service-name"]);

/** Alerts of one rule and environment that may want a person at once, up to a bound; a roll-up takes the rest. */
export type Crowd = {
  /** Equal for alerts of one crowd. */
  readonly group: string;
  readonly openMax: number;
  /** The finding that stands for all further ones. */
  readonly rollUp: Finding;
};

/**
 * The crowds that a finding belongs to: those about its callee, those of its caller, and, where the rule is about names
 * that nobody declared, all in the environment. Whoever makes up names makes no more alerts than that.
 */
export function crowdsOf(finding: Finding): readonly Crowd[] {
  const { rule, caller, callee } = finding;
  // What nobody is asked about must not fill the places of what somebody is.
  const status = wantedStatus(finding);
  const mark = status === "open" ? [MARK] : [MARK, status];
  return [
    crowd(finding, {
      by: mark,
      name: callee ?? "",
      where: callee === null ? "" : ` at ${callee}`,
      openMax: 20,
      callee,
    }),
    ...(caller === null
      ? []
      : [crowd(finding, { by: [...mark, "caller"], name: caller, where: ` by ${caller}`, openMax: 100, caller })]),
    ...(OF_NAMES.has(rule) ? [crowd(finding, { by: [...mark, "rule"], name: "", where: "", openMax: 100 })] : []),
  ];
}

/** Tells whether an alert stands for many findings. */
export function isRollUp(alert: Alert): boolean {
  return Array.isArray(alert.finding.keyFields[0]);
}

type CrowdOptions = {
  readonly by: readonly string[];
  readonly name: string;
  readonly where: string;
  readonly openMax: number;
  readonly caller?: string | null;
  readonly callee?: string | null;
};

function crowd(finding: Finding, { by, name, where, openMax, caller = null, callee = null }: CrowdOptions): Crowd {
  const { rule } = finding;
  const environment = OF_CLAIMS.has(rule) ? "(any)" : finding.environment;
  const rollUp: Finding = {
    ...finding,
    environment,
    keyFields: [by, name],
    severityReasons: [],
    ...{ caller, callee },
    operation: null,
    audiences: [],
    credential: null,
    owner: null,
    summary: `more than ${openMax} alerts of ${rule}${where} are open; this one takes the rest`,
    decidedBy: null,
  };
  return { group: JSON.stringify([rule, environment, by, name]), openMax, rollUp };
}
