import type { RuleDescription } from "./rule-description.ts";

/** The rules about how tokens, certificates and connections belong together. */
export const BINDING_RULES: readonly RuleDescription[] = [];
