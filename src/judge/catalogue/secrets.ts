import type { RuleDescription } from "./rule-description.ts";

/** The rules about static and shared secrets, and people. */
export const SECRETS_RULES: readonly RuleDescription[] = [
  {
    id: "static-credential-on-service-hop",
    title: "Static secret between services",
    severity: "medium",
    summary: "A service authenticates to another with a static secret that the call does not declare.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI4:2025", "NHI7:2025"],
      nistCsf: ["PR.AA-03"],
      zeroTrust: ["T6"],
      attack: ["T1552.001"],
      cwe: ["CWE-798"],
    },
  },
  {
    id: "shared-static-secret",
    title: "Shared secret",
    severity: "high",
    summary: "Several services present the same key or password.",
    restsOn: "facts",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI9:2025"],
      nistCsf: ["PR.AA-01"],
      zeroTrust: ["T4"],
      attack: ["T1078"],
      cwe: ["CWE-653", "CWE-798"],
    },
  },
  {
    id: "shared-identity",
    title: "Shared identity",
    severity: "medium",
    summary: "Several services present one machine identity.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI9:2025"],
      nistCsf: ["PR.AA-01"],
      zeroTrust: ["T4"],
      attack: [],
      cwe: ["CWE-653"],
    },
  },
  {
    id: "human-use-of-machine-token",
    title: "Machine token in human hands",
    severity: "high",
    summary: "A workload's token comes in by hand.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI10:2025"],
      nistCsf: ["PR.AA-05"],
      zeroTrust: ["T4"],
      attack: ["T1078.004"],
      cwe: ["CWE-287"],
    },
  },
  {
    id: "stored-user-token-in-automation",
    title: "A person's token in automation",
    severity: "medium",
    summary: "A service presents a person's token when nobody had called it.",
    restsOn: "facts",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI7:2025", "NHI10:2025"],
      nistCsf: ["PR.AA-04"],
      zeroTrust: ["T3"],
      attack: [],
      cwe: ["CWE-522"],
    },
  },
];
