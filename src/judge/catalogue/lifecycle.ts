import type { RuleDescription } from "./rule-description.ts";

/** The rules about declarations and identities that have had their time. */
export const LIFECYCLE_RULES: readonly RuleDescription[] = [
  {
    id: "exception-expired",
    title: "Exception expired",
    severity: "high",
    summary: "An exception, or another permission with a last day, has ended, and what it allowed goes on.",
    waysOut: ["declare", "fix"],
    frameworks: {
      owaspNhi: ["NHI1:2025"],
      nistCsf: ["ID.RA-07", "PR.AA-05"],
      zeroTrust: ["T4"],
      attack: [],
      cwe: ["CWE-672"],
    },
  },
  {
    id: "permanent-exception",
    title: "Permanent exception",
    severity: "medium",
    summary: "An exception that was to be temporary is in use for too long.",
    waysOut: ["declare", "fix"],
    frameworks: {
      owaspNhi: ["NHI1:2025", "NHI7:2025"],
      nistCsf: ["ID.RA-07"],
      zeroTrust: ["T4"],
      attack: [],
      cwe: [],
    },
  },
];
