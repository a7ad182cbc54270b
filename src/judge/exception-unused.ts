import type { ExceptionDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { hasEnded, startOfDay } from "./calendar.ts";
import { createFinding, withoutCall } from "./create-finding.ts";
import type { ReviewedEdges } from "./review-declarations.ts";

/** An exception in date that began at least `staleAfter` ago and has held nothing back for that long. */
export function exceptionUnused(reviewed: ReviewedEdges): readonly Finding[] {
  return reviewed.context.baseline.exceptions.filter((exception) => isUnused(exception, reviewed)).map(unused);
}

/** Without `created` nobody knows whether it had its chance. */
function isUnused({ id, created, expires }: ExceptionDeclaration, reviewed: ReviewedEdges): boolean {
  const { context, sinceMs, exceptionUsedMs } = reviewed;
  if (created === null || hasEnded(expires, context.atMs)) return false;
  const cutoffMs = context.atMs - context.baseline.settings.staleAfterMs;
  return Math.max(sinceMs, startOfDay(created), exceptionUsedMs(id)) < cutoffMs;
}

function unused({ id, position, rule }: ExceptionDeclaration): Finding {
  return createFinding({
    rule: "exception-unused",
    subject: withoutCall("(any)"),
    keyFields: [id],
    summary: `${id}, an exception to ${rule}, has held nothing back for long`,
    decidedBy: { position, says: `exception ${id}` },
    confidence: "low",
  });
}
