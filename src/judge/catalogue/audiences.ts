import type { RuleDescription } from "./rule-description.ts";

/** The rules about whom tokens are for, from whom they are, and what they allow. */
export const AUDIENCES_RULES: readonly RuleDescription[] = [
  {
    id: "undeclared-audience",
    title: "Undeclared audience",
    severity: "high",
    summary: "The call is declared, but its token names an audience that the call does not.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI5:2025", "NHI9:2025"],
      nistCsf: ["PR.AA-04", "PR.AA-05"],
      zeroTrust: ["T3", "T4"],
      attack: ["T1550.001"],
      cwe: ["CWE-863"],
    },
  },
  {
    id: "audience-mismatch-accepted",
    title: "Token for somebody else accepted",
    severity: "critical",
    summary: "A service accepted a token that is not addressed to it.",
    waysOut: ["except", "fix"],
    frameworks: {
      owaspNhi: ["NHI4:2025", "NHI5:2025"],
      nistCsf: ["PR.AA-04"],
      zeroTrust: ["T6"],
      attack: ["T1550.001"],
      cwe: ["CWE-345", "CWE-863"],
    },
  },
];
