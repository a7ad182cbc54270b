import type { RuleDescription } from "./rule-description.ts";

/** The rules about what services do with tokens that they received. */
export const PROPAGATION_RULES: readonly RuleDescription[] = [
  {
    id: "token-relayed",
    title: "Token relayed",
    severity: "medium",
    summary: "A service forwarded the bearer token that it had received.",
    restsOn: "facts",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI5:2025", "NHI9:2025"],
      nistCsf: ["PR.AA-04"],
      zeroTrust: ["T3"],
      attack: ["T1550.001"],
      cwe: ["CWE-441"],
    },
  },
  {
    id: "token-relayed-past-audience",
    title: "Token relayed past its audience",
    severity: "critical",
    summary: "A service forwarded a received token to a service that it is not addressed to.",
    restsOn: "facts",
    waysOut: ["except", "fix"],
    frameworks: {
      owaspNhi: ["NHI9:2025"],
      nistCsf: ["PR.AA-04", "PR.AA-05"],
      zeroTrust: ["T3", "T6"],
      attack: ["T1550.001"],
      cwe: ["CWE-441", "CWE-863"],
    },
  },
  {
    id: "token-multi-presenter",
    title: "One token, two presenters",
    severity: "critical",
    summary: "A service presents a bearer token of another service, and never received it.",
    restsOn: "facts",
    waysOut: ["except", "fix"],
    frameworks: {
      owaspNhi: ["NHI2:2025", "NHI9:2025"],
      nistCsf: ["PR.AA-01", "DE.AE-03"],
      zeroTrust: ["T7"],
      attack: ["T1528", "T1550.001"],
      cwe: ["CWE-294"],
    },
  },
];
