import type { Finding } from "../model/finding.ts";
import type { Shape } from "../model/graph.ts";
import { createFinding } from "./create-finding.ts";
import type { Reactivation } from "./identity-uses.ts";
import type { JudgeContext } from "./judge-context.ts";

const DAY_MS = 86_400_000;
const DORMANT_MS = 30 * DAY_MS;
/** A job that runs every quarter has paused for a quarter before. */
const PAUSES = 3;

/** An identity that nobody had used for a month, and for longer than it ever paused, is presented again. */
export function dormantIdentityReactivated(
  { before, pauseMs }: Reactivation,
  shape: Shape,
  context: JudgeContext,
): readonly Finding[] {
  const { identity, longestPauseMs } = before;
  if (context.baseline.services.size === 0) return [];
  if (pauseMs <= DORMANT_MS || pauseMs <= PAUSES * longestPauseMs) return [];
  const { environment, operation, credential, outcome } = shape;
  const caller = context.names.caller(shape.caller);
  const callee = context.names.callee(shape.callee, environment);
  const days = Math.floor(pauseMs / DAY_MS);
  return [
    createFinding({
      rule: "dormant-identity-reactivated",
      subject: {
        ...{ environment, operation, credential, outcome, callee },
        caller: caller.kind === "service" ? caller : null,
      },
      keyFields: [identity.kind, identity.issuer ?? "", identity.name],
      summary: `${identity.name} was presented to ${callee.name} again after ${days} days in which nobody used it`,
      decidedBy: null,
      confidence: "medium",
      about: { identity: identity.name },
    }),
  ];
}
