import type { Finding } from "../model/finding.ts";
import { hasEnded } from "./calendar.ts";
import { declaredCall } from "./declared-edge.ts";
import { exceptionExpired } from "./exception-expired.ts";
import { underExceptions } from "./exceptions.ts";
import type { JudgeContext } from "./judge-context.ts";
import { asProposals } from "./proposals.ts";

/** What findings are once everything is asked that may excuse or put off what a rule has found. Pure and total. */
export function underDeclarations(findings: readonly Finding[], context: JudgeContext): readonly Finding[] {
  if (findings.length === 0) return findings;
  const told = findings.map((finding) => underEndedMode(finding, context));
  return asProposals(underExceptions(told, context), context);
}

/** A relay that the call's token mode allowed until its last day. */
function underEndedMode(finding: Finding, { names, atMs }: JudgeContext): Finding {
  const { rule, caller, callee, environment } = finding;
  if (rule !== "token-relayed" || caller === null || callee === null) return finding;
  const calling = names.caller({ kind: "service", name: caller });
  const call = declaredCall(calling, names.callee({ kind: "external", name: callee }, environment));
  const token = call?.token ?? null;
  if (call === null || token === null || token.mode !== null || token.expires === null) return finding;
  if (!hasEnded(token.expires, atMs)) return finding;
  const id = `services.${caller}.calls.${call.callee.text}.token`;
  return exceptionExpired(finding, { id, position: token.position, expires: token.expires });
}
