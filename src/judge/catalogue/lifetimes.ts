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
  {
    id: "premature-token-accepted",
    title: "Token accepted too early",
    severity: "medium",
    summary: "A service accepted a token before it was valid.",
    waysOut: ["fix"],
    frameworks: {
      owaspNhi: ["NHI4:2025"],
      nistCsf: ["PR.AA-04"],
      zeroTrust: ["T6"],
      attack: [],
      cwe: ["CWE-345"],
    },
  },
  {
    id: "excessive-token-lifetime",
    title: "Token made to last too long",
    severity: "medium",
    summary: "A token lives longer than tokens of its kind should.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI7:2025"],
      nistCsf: ["PR.AA-01"],
      zeroTrust: ["T3"],
      attack: [],
      cwe: ["CWE-613"],
    },
  },
  {
    id: "non-expiring-credential",
    title: "Credential that never expires",
    severity: "high",
    summary: "A token without an expiry was presented.",
    waysOut: ["except", "fix"],
    frameworks: {
      owaspNhi: ["NHI7:2025"],
      nistCsf: ["PR.AA-01"],
      zeroTrust: ["T3"],
      attack: [],
      cwe: ["CWE-613"],
    },
  },
];
