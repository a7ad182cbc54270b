import type { RuleDescription } from "./rule-description.ts";

/** The rules about declarations and identities that have had their time. */
export const LIFECYCLE_RULES: readonly RuleDescription[] = [];
