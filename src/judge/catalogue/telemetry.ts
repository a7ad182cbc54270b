import type { RuleDescription } from "./rule-description.ts";

/** The rules about the telemetry itself. */
export const TELEMETRY_RULES: readonly RuleDescription[] = [];
