import type { Finding, RuleId, Severity } from "../../model/finding.ts";

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
  /**
   * `facts` where it is about what a credential does on several hops, or about telemetry; absent where one shape decides.
   */
  readonly restsOn?: "facts";
};
