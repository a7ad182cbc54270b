import type { RuleDescription } from "./rule-description.ts";

/** The rules about when tokens are used. */
export const LIFETIMES_RULES: readonly RuleDescription[] = [
  {
    id: "expired-token-accepted",
    title: "Expired token accepted",
    severity: "critical",
    summary: "A service accepted a token after its expiry.",
    waysOut: ["fix"],
    frameworks: {
      owaspNhi: ["NHI4:2025", "NHI7:2025"],
      nistCsf: ["PR.AA-04"],
      zeroTrust: ["T6"],
      attack: ["T1550.001"],
      cwe: ["CWE-613", "CWE-672"],
    },
  },
];
