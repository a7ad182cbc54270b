import type { Criticality } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { DecidingLine, Finding, RuleId, Severity } from "../model/finding.ts";
import { SEVERITIES } from "../model/finding.ts";
import type { Outcome } from "../model/graph.ts";
import { type Party, serviceDeclaration } from "./party.ts";
import { describeRule } from "./rules.ts";

/** Whom and what a finding is about. */
export type Subject = {
  readonly environment: string;
  /** Null where nobody known called. */
  readonly caller: Party | null;
  readonly callee: Party | null;
  readonly operation: string | null;
  readonly credential: CredentialProfile | null;
  readonly outcome: Outcome;
};

/** What is found of services, and on no call between them. */
export function withoutCall(environment: string, ends: Partial<Pick<Subject, "caller" | "callee">> = {}): Subject {
  const { caller = null, callee = null } = ends;
  return { environment, caller, callee, operation: null, credential: null, outcome: "unknown" };
}

/** What a rule says; the rest follows from the rule's description and the subject. */
export type Draft = {
  readonly rule: RuleId;
  readonly subject: Subject;
  readonly keyFields: Finding["keyFields"];
  readonly summary: string;
  readonly decidedBy: DecidingLine | null;
  readonly confidence: Finding["confidence"];
  /** A violation where absent. `insufficient-evidence` is never raised: it is a row of the posture report. */
  readonly verdict?: "violation" | "suspicious" | "insufficient-evidence";
  /** Where the rule starts from another severity than its own. */
  readonly startingAt?: { readonly severity: Severity; readonly because: string };
  /** Where the finding is about some of the credential's audiences only. */
  readonly audiences?: readonly string[];
  /** What else it is about, for exceptions to name. */
  readonly about?: NonNullable<Finding["about"]>;
  /** Where what was seen before was still allowed. */
  readonly sinceMs?: number;
};

/** Completes a draft: severity with its reasons, owner, and what a reviewer may do. */
export function createFinding(draft: Draft): Finding {
  const { subject, verdict = "violation" } = draft;
  const graded = gradeSeverity(draft);
  return {
    rule: draft.rule,
    environment: subject.environment,
    keyFields: draft.keyFields,
    severity: graded.severity,
    severityReasons: graded.reasons,
    verdict,
    confidence: draft.confidence,
    controlHeld: subject.outcome === "refused",
    caller: subject.caller?.name ?? null,
    callee: subject.callee?.name ?? null,
    operation: subject.operation,
    audiences: draft.audiences ?? subject.credential?.audiences ?? [],
    credential: subject.credential,
    ...(draft.about === undefined ? {} : { about: draft.about }),
    ...(draft.sinceMs === undefined ? {} : { sinceMs: draft.sinceMs }),
    owner: ownerOf(subject.caller) ?? ownerOf(subject.callee),
    summary: draft.summary,
    decidedBy: draft.decidedBy,
    waysOut: describeRule(draft.rule).waysOut,
  };
}

type Grade = { readonly severity: Severity; readonly reasons: readonly string[] };

/** Each step is taken at most once; only a rule whose own severity is critical reaches critical. */
function gradeSeverity({ rule, subject, verdict, startingAt }: Draft): Grade {
  const own = describeRule(rule).severity;
  const reasons = startingAt === undefined ? [] : [startingAt.because];
  const highest = SEVERITIES.indexOf(own === "critical" ? "critical" : "high");
  let level = SEVERITIES.indexOf(startingAt?.severity ?? own);
  if (criticalityOf(subject.callee) === "critical" && level < highest) {
    level += 1;
    reasons.push("One step up: the callee is critical.");
  }
  if (subject.outcome === "refused" && level > 0) {
    level -= 1;
    reasons.push("One step down: the callee refused.");
  }
  const cap = SEVERITIES.indexOf("medium");
  if (verdict === "suspicious" && level > cap) {
    level = cap;
    reasons.push("At most medium: the facts make it likely, not certain.");
  }
  return { severity: SEVERITIES[level] ?? own, reasons };
}

function criticalityOf(party: Party | null): Criticality | null {
  return party === null ? null : (serviceDeclaration(party)?.criticality ?? null);
}

function ownerOf(party: Party | null): string | null {
  if (party?.kind === "external") return party.declaration?.owner ?? null;
  return party === null ? null : (serviceDeclaration(party)?.owner ?? null);
}
