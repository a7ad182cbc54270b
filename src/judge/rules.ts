import type { Finding, RuleId, Severity } from "../model/finding.ts";

/** Ids of public catalogues, exactly as they print them. */
type FrameworkIds = {
  /** OWASP Non-Human Identities Top 10, 2025. */
  readonly owaspNhi: readonly string[];
  /** NIST Cybersecurity Framework 2.0. */
  readonly nistCsf: readonly string[];
  /** The tenets of NIST SP 800-207, T1 to T7. */
  readonly zeroTrust: readonly string[];
  /** MITRE ATT&CK v19 techniques. */
  readonly attack: readonly string[];
  readonly cwe: readonly string[];
};

/** What a rule is, for people; its condition is in the file and on the page that bear its id. */
export type RuleDescription = {
  readonly id: RuleId;
  readonly title: string;
  /** Before the steps for the callee's criticality and for a refusal. */
  readonly severity: Severity;
  readonly summary: string;
  readonly waysOut: Finding["waysOut"];
  readonly frameworks: FrameworkIds;
};

/** All rules: the paths first, then audiences, propagation and lifetime. */
export const RULES: readonly RuleDescription[] = [
  {
    id: "undeclared-call",
    title: "Undeclared call",
    severity: "medium",
    summary: "A service calls a service, and the caller does not declare the call.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI5:2025"],
      nistCsf: ["ID.AM-03", "PR.AA-05", "DE.CM-01"],
      zeroTrust: ["T1", "T6"],
      attack: ["T1021.007"],
      cwe: ["CWE-653"],
    },
  },
  {
    id: "undeclared-operation",
    title: "Undeclared operation",
    severity: "low",
    summary: "The call is declared, but not this operation.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI5:2025"],
      nistCsf: ["ID.AM-03", "PR.AA-05"],
      zeroTrust: ["T3", "T6"],
      attack: [],
      cwe: ["CWE-653"],
    },
  },
  {
    id: "forbidden-call",
    title: "Forbidden call",
    severity: "critical",
    summary: "A call that the baseline forbids was made.",
    waysOut: ["fix"],
    frameworks: {
      owaspNhi: ["NHI5:2025"],
      nistCsf: ["PR.AA-05", "PR.IR-01", "DE.CM-01"],
      zeroTrust: ["T1", "T6"],
      attack: ["T1021.007"],
      cwe: ["CWE-653", "CWE-862"],
    },
  },
  {
    id: "caller-refused",
    title: "Caller not among the callee's callers",
    severity: "high",
    summary: "The callee lists its callers, and this one is not among them.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI5:2025"],
      nistCsf: ["ID.AM-03", "PR.AA-05"],
      zeroTrust: ["T1", "T6"],
      attack: ["T1021.007"],
      cwe: ["CWE-653", "CWE-862"],
    },
  },
  {
    id: "unattributed-call",
    title: "Accepted call from nobody known",
    severity: "medium",
    summary: "A service that restricts its callers accepted a call whose caller was never seen.",
    waysOut: ["except", "fix"],
    frameworks: {
      owaspNhi: ["NHI4:2025"],
      nistCsf: ["PR.AA-03", "DE.CM-01"],
      zeroTrust: ["T6", "T7"],
      attack: [],
      cwe: ["CWE-778"],
    },
  },
  {
    id: "unknown-service",
    title: "Unknown service",
    severity: "medium",
    summary: "A service that no baseline names sends spans or is called.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: [],
      nistCsf: ["ID.AM-02", "DE.CM-01"],
      zeroTrust: ["T1", "T5"],
      attack: ["T1036.005"],
      cwe: [],
    },
  },
  {
    id: "cross-environment-call",
    title: "Call across environments",
    severity: "high",
    summary: "Caller and callee run in different environments.",
    waysOut: ["except", "fix"],
    frameworks: {
      owaspNhi: ["NHI8:2025"],
      nistCsf: ["PR.IR-01"],
      zeroTrust: ["T2"],
      attack: ["T1021.007"],
      cwe: ["CWE-653"],
    },
  },
  {
    id: "undeclared-datastore",
    title: "Undeclared datastore",
    severity: "high",
    summary: "A service uses a datastore that it does not declare.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI5:2025", "NHI9:2025"],
      nistCsf: ["ID.AM-03", "PR.AA-05"],
      zeroTrust: ["T1"],
      attack: [],
      cwe: ["CWE-653"],
    },
  },
  {
    id: "undeclared-ingress",
    title: "Undeclared ingress",
    severity: "medium",
    summary: "Traffic from outside enters a service that declares no ingress for it.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: [],
      nistCsf: ["ID.AM-03", "PR.IR-01", "DE.CM-01"],
      zeroTrust: ["T1", "T2"],
      attack: [],
      cwe: ["CWE-923"],
    },
  },
  {
    id: "undeclared-egress",
    title: "Undeclared egress",
    severity: "high",
    summary: "A call leaves for a host that is no declared external.",
    waysOut: ["declare", "except", "fix"],
    frameworks: {
      owaspNhi: ["NHI3:2025"],
      nistCsf: ["ID.AM-04", "DE.CM-06"],
      zeroTrust: ["T1", "T2"],
      attack: ["T1567", "T1552.005"],
      cwe: ["CWE-918", "CWE-923"],
    },
  },
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
  {
    id: "token-relayed",
    title: "Token relayed",
    severity: "medium",
    summary: "A service forwarded the bearer token that it had received.",
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
    waysOut: ["except", "fix"],
    frameworks: {
      owaspNhi: ["NHI2:2025", "NHI9:2025"],
      nistCsf: ["PR.AA-01", "DE.AE-03"],
      zeroTrust: ["T7"],
      attack: ["T1528", "T1550.001"],
      cwe: ["CWE-294"],
    },
  },
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

const RULES_BY_ID: ReadonlyMap<RuleId, RuleDescription> = new Map(RULES.map((rule) => [rule.id, rule]));

/** The description of a rule. */
export function describeRule(id: RuleId): RuleDescription {
  const rule = RULES_BY_ID.get(id);
  if (rule === undefined) throw new Error(`expected a description of rule ${id}`);
  return rule;
}
