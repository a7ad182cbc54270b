import type { CallDeclaration, ServiceDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding, withoutCall } from "./create-finding.ts";
import { isExact } from "./glob-index.ts";
import type { ReviewedEdges } from "./review-declarations.ts";

/**
 * A service declares a call that it has not made for `staleAfter`, though its calls to others were seen and the collector
 * has been looking for that long. A call of `frequency: yearly` is spared, and a rare one has three times as long.
 */
export function staleDeclaration(reviewed: ReviewedEdges): readonly Finding[] {
  const { services } = reviewed.context.baseline;
  return [...services.values()].flatMap((service) => {
    if (service.lifecycle?.state === "retired" || !reviewed.callers.has(service.name)) return [];
    return service.calls.flatMap((call) =>
      isStale(call, service, reviewed) ? [staleCall(call, service, reviewed)] : [],
    );
  });
}

const RARELY = 3;

function isStale(call: CallDeclaration, { name }: ServiceDeclaration, reviewed: ReviewedEdges): boolean {
  if (call.frequency === "yearly") return false;
  const { context, sinceMs, lastUsed } = reviewed;
  const quietMs = context.baseline.settings.staleAfterMs * (call.frequency === "rare" ? RARELY : 1);
  const cutoffMs = context.atMs - quietMs;
  return sinceMs <= cutoffMs && (lastUsed.get(`${name}\n${call.callee.text}`) ?? 0) < cutoffMs;
}

function staleCall(call: CallDeclaration, { name }: ServiceDeclaration, { context }: ReviewedEdges): Finding {
  const { names, baseline } = context;
  const callee = names.callee({ kind: "external", name: call.callee.text }, "");
  const days = Math.floor(baseline.settings.staleAfterMs / 86_400_000);
  return createFinding({
    rule: "stale-declaration",
    subject: withoutCall("(any)", {
      caller: names.caller({ kind: "service", name }),
      callee: isExact(call.callee) ? callee : null,
    }),
    keyFields: [name, call.callee.text],
    summary: `${name} declares a call to ${call.callee.text} that was not seen for ${days} days or more`,
    decidedBy: { position: call.position, says: `services.${name}.calls.${call.callee.text}` },
    confidence: "low",
  });
}
