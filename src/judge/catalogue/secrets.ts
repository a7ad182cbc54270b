import type { RuleDescription } from "./rule-description.ts";

/** The rules about static and shared secrets, and people. */
export const SECRETS_RULES: readonly RuleDescription[] = [];
