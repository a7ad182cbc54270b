import type { Alert, AlertStatus, Decision } from "../model/alert.ts";
import { OperatingError } from "../model/operating-error.ts";
import { move, type Step } from "./transition.ts";

const UNDECIDED: readonly AlertStatus[] = ["proposed", "open", "acknowledged"];

/** The statuses that each decision starts from. An acknowledgement may be renewed. */
const ALLOWED_FROM: Readonly<Record<Decision["action"], readonly AlertStatus[]>> = {
  acknowledge: UNDECIDED,
  resolve: UNDECIDED,
  dismiss: UNDECIDED,
  reopen: ["acknowledged", "accepted", "resolved", "excepted", "dismissed"],
};

const BECOMES: Readonly<Record<Decision["action"], AlertStatus>> = {
  acknowledge: "acknowledged",
  resolve: "resolved",
  dismiss: "dismissed",
  reopen: "open",
};

/** Who decides, and when. */
export type DecisionContext = { readonly nowMs: number; readonly actor: string };

/** An alert as a person's decision leaves it. Throws `conflict` or `bad-argument`, with the way out. */
export function decideAlert(alert: Alert, decision: Decision, context: DecisionContext): Step {
  const { action, reason } = decision;
  requireAllowed(alert, action);
  requireSense(alert, decision, context.nowMs);
  const step = move(alert, { to: BECOMES[action], atMs: context.nowMs, actor: context.actor, action, reason });
  if (decision.action !== "acknowledge") return step;
  return {
    ...step,
    alert: { ...step.alert, assignee: context.actor, acknowledgedUntilMs: decision.untilMs },
  };
}

function requireAllowed(alert: Alert, action: Decision["action"]): void {
  if (ALLOWED_FROM[action].includes(alert.status)) return;
  const wayOut = action === "reopen" ? "it wants a decision already" : "reopen it first";
  throw new OperatingError("conflict", `cannot ${action} alert ${alert.id}: it is ${alert.status}; ${wayOut}`);
}

function requireSense(alert: Alert, decision: Decision, nowMs: number): void {
  if (decision.action === "dismiss" && decision.reason.trim() === "") {
    throw new OperatingError("bad-argument", `cannot dismiss alert ${alert.id}: expected a reason, got none`);
  }
  if (decision.action === "acknowledge" && decision.untilMs !== null && decision.untilMs <= nowMs) {
    throw new OperatingError(
      "bad-argument",
      `cannot acknowledge alert ${alert.id}: expected a time to come, got a past one`,
    );
  }
}
