import type { Lifecycle } from "../model/baseline.ts";
import type { Finding, RuleId } from "../model/finding.ts";
import { hasEnded } from "./calendar.ts";
import type { JudgeContext } from "./judge-context.ts";

/** What a declaration is missing for, of a service's own calls. */
const OF_CALLS: ReadonlySet<RuleId> = new Set([
  "undeclared-call",
  "undeclared-operation",
  "undeclared-datastore",
  "undeclared-datastore-access",
  "undeclared-destination",
  "undeclared-egress",
  "undeclared-audience",
  "undeclared-scope",
]);

/**
 * Marks what is to be offered for review and not raised: what is undeclared where the settings say `propose`, and what
 * a learning service does itself, unless the callee is critical. What a service does is nobody's proposal while somebody
 * speaks for it who may not: whoever sends in its name would write its baseline.
 */
export function asProposals(findings: readonly Finding[], context: JudgeContext): readonly Finding[] {
  return findings.map((finding) => (isProposed(finding, context) ? { ...finding, isProposal: true } : finding));
}

function isProposed(finding: Finding, context: JudgeContext): boolean {
  const { rule, verdict, caller } = finding;
  if (verdict !== "violation" && verdict !== "suspicious") return false;
  if (caller !== null && context.learned.disputed.has(caller)) return false;
  const isAsked = context.baseline.settings.undeclared === "propose";
  if (isAsked && (OF_CALLS.has(rule) || rule === "undeclared-ingress")) return true;
  return OF_CALLS.has(rule) && isLearning(caller, context) && !isCritical(finding, context);
}

function isLearning(caller: string | null, { baseline, atMs }: JudgeContext): boolean {
  const lifecycle = caller === null ? null : (baseline.services.get(caller)?.lifecycle ?? null);
  return lifecycle !== null && isStillLearning(lifecycle, atMs);
}

function isStillLearning({ state, until }: Lifecycle, atMs: number): boolean {
  return state === "learning" && !hasEnded(until, atMs);
}

/** A datastore is as critical as the service that owns it. */
function isCritical({ callee }: Finding, { baseline }: JudgeContext): boolean {
  if (callee === null) return false;
  const service =
    baseline.services.get(callee) ?? baseline.services.get(baseline.datastores.get(callee)?.service ?? "");
  return service?.criticality === "critical";
}
