import type { Alert, AlertChanges, AlertStatus, AuditRow } from "../model/alert.ts";

/** The actor of what happens without a person. */
export const SYSTEM = "trustdrift";

/** A change of status on its way into the history: who, when, what and why. */
export type Transition = Pick<AuditRow, "atMs" | "actor" | "action" | "reason"> & { readonly to: AlertStatus };

/** One alert as it becomes, and the lines that its history gains. */
export type Step = { readonly alert: Alert; readonly audit: readonly AuditRow[] };

/** Moves an alert to another status. An acknowledgement ends with its status; `isRegression` stays as it is. */
export function move(alert: Alert, transition: Transition): Step {
  const { to, atMs, actor, action, reason } = transition;
  const row = { alertId: alert.id, atMs, actor, action, from: alert.status, to, reason };
  const moved = { ...alert, status: to, statusReason: reason, statusSinceMs: atMs, acknowledgedUntilMs: null };
  return { alert: moved, audit: [row] };
}

/** Puts steps together to what the store must keep. */
export function toChanges(steps: readonly Step[]): AlertChanges {
  return { alerts: steps.map((step) => step.alert), audit: steps.flatMap((step) => step.audit) };
}
