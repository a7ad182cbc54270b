import type { RuleId } from "../model/finding.ts";
import { AUDIENCES_RULES } from "./catalogue/audiences.ts";
import { BINDING_RULES } from "./catalogue/binding.ts";
import { LIFECYCLE_RULES } from "./catalogue/lifecycle.ts";
import { LIFETIMES_RULES } from "./catalogue/lifetimes.ts";
import { PATHS_RULES } from "./catalogue/paths.ts";
import { PROPAGATION_RULES } from "./catalogue/propagation.ts";
import type { RuleDescription } from "./catalogue/rule-description.ts";
import { SECRETS_RULES } from "./catalogue/secrets.ts";
import { TELEMETRY_RULES } from "./catalogue/telemetry.ts";

/** All rules, family by family. */
export const RULES: readonly RuleDescription[] = [
  ...PATHS_RULES,
  ...LIFECYCLE_RULES,
  ...AUDIENCES_RULES,
  ...PROPAGATION_RULES,
  ...LIFETIMES_RULES,
  ...BINDING_RULES,
  ...SECRETS_RULES,
  ...TELEMETRY_RULES,
];

const RULES_BY_ID: ReadonlyMap<RuleId, RuleDescription> = new Map(RULES.map((rule) => [rule.id, rule]));

/** The description of a rule. */
export function describeRule(id: RuleId): RuleDescription {
  const rule = RULES_BY_ID.get(id);
  if (rule === undefined) throw new Error(`expected a description of rule ${id}`);
  return rule;
}

/** Whether a rule is about what was told of credentials or telemetry, and not about a shape alone. */
export function restsOnFacts(id: RuleId): boolean {
  return RULES_BY_ID.get(id)?.restsOn === "facts";
}
