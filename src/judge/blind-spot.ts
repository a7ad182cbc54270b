import type { Finding } from "../model/finding.ts";
import { createFinding, withoutCall } from "./create-finding.ts";
import type { ReviewedEdges } from "./review-declarations.ts";

const DAY_MS = 86_400_000;

/** A declared service is called, and for a day at least has sent no span itself: what it does cannot be judged. */
export function blindSpot({ context, sinceMs, called, speaking }: ReviewedEdges): readonly Finding[] {
  if (context.atMs - sinceMs < DAY_MS) return [];
  const { services } = context.baseline;
  const silent = [...called].filter(([name]) => services.has(name) && !speaking.has(name));
  return silent.map(([name, environment]) =>
    createFinding({
      rule: "blind-spot",
      subject: withoutCall(environment, { callee: context.names.caller({ kind: "service", name }) }),
      keyFields: [name],
      summary: `${name} is called, and sends no spans: what it does cannot be judged`,
      decidedBy: null,
      confidence: "medium",
    }),
  );
}
