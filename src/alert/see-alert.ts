import type { Alert } from "../model/alert.ts";
import type { Finding } from "../model/finding.ts";
import { addCredentials } from "./credentials-seen.ts";
import { mergeEvidence } from "./merge-evidence.ts";
import { isMoreSevere, speakingFinding } from "./severity-rank.ts";
import type { Sighting } from "./sighting.ts";
import { move, type Step, SYSTEM, type Transition } from "./transition.ts";
import { wantedStatus } from "./wanted-status.ts";

const DAY_MS = 86_400_000;
/** How long a dismissal keeps an alert quiet, unless the caller's release changes before. */
export const DISMISSED_MS = 90 * DAY_MS;
/** Why an alert was resolved whose hops turned out not to have happened. Its return is no regression. */
export const RETRACTED = "retracted";

/** Where and when a step happens. */
export type StepContext = { readonly nowMs: number; readonly baselineRevision: string };

/** A new alert for what was never seen before. */
export function raiseAlert(key: string, id: string, sighting: Sighting, context: StepContext): Step {
  const alert: Alert = {
    id,
    key,
    finding: sighting.finding,
    status: wantedStatus(sighting.finding),
    statusReason: reasonOf(sighting.finding),
    statusSinceMs: context.nowMs,
    assignee: null,
    acknowledgedUntilMs: null,
    isRegression: false,
    firstSeenMs: sighting.firstSeenMs,
    lastSeenMs: sighting.lastSeenMs,
    count: sighting.count,
    evidence: mergeEvidence([], sighting.evidence),
    baselineRevision: context.baselineRevision,
    credentialsSeen: addCredentials([], sighting.credentials),
  };
  const row = { alertId: id, atMs: context.nowMs, actor: SYSTEM, from: null, to: alert.status } as const;
  const action = alert.status === "excepted" ? "except" : "raise";
  return { alert, audit: [{ ...row, action, reason: alert.statusReason }] };
}

/** What becomes of an alert when its finding is seen again or retracted: counted, and opened or closed where due. */
export function seeAlert(alert: Alert, sighting: Sighting, context: StepContext): Step {
  const seen = sighting.isFound ? addSighting(alert, sighting, context) : alert;
  const counted = { ...seen, count: Math.max(0, alert.count + sighting.count) };
  if (sighting.isRetracting && counted.count === 0) return retractAlert(counted, context.nowMs);
  if (!sighting.isFound) return { alert: counted, audit: [] };
  const reason = reasonToReopen(alert, sighting, context.nowMs);
  if (reason !== null) return reopen({ ...counted, finding: sighting.finding }, reason, context.nowMs);
  return isMoreSevere(counted.finding, alert.finding)
    ? noteSeverity(alert, counted, context)
    : { alert: counted, audit: [] };
}

function addSighting(alert: Alert, sighting: Sighting, context: StepContext): Alert {
  const finding = speakingFinding(alert.finding, sighting.finding);
  return {
    ...alert,
    finding,
    firstSeenMs: Math.min(alert.firstSeenMs, sighting.firstSeenMs),
    lastSeenMs: Math.max(alert.lastSeenMs, sighting.lastSeenMs),
    evidence: mergeEvidence(alert.evidence, sighting.evidence),
    baselineRevision: finding === sighting.finding ? context.baselineRevision : alert.baselineRevision,
    credentialsSeen: addCredentials(alert.credentialsSeen ?? [], sighting.credentials),
  };
}

/** Closes an alert that rested on a wrong guess; one that a person has decided keeps its status. */
function retractAlert(alert: Alert, nowMs: number): Step {
  if (alert.status !== "open" && alert.status !== "proposed") return { alert, audit: [] };
  return move(alert, { to: "resolved", atMs: nowMs, actor: SYSTEM, action: "retract", reason: RETRACTED });
}

function reopen(alert: Alert, reason: string, nowMs: number): Step {
  const to = wantedStatus(alert.finding);
  if (to === "excepted") return exceptAlert(alert, alert.finding.exception ?? "", nowMs);
  const isRegression = alert.status === "resolved" ? alert.statusReason !== RETRACTED : alert.isRegression;
  const transition: Transition = { to, atMs: nowMs, actor: SYSTEM, action: "reopen", reason };
  return move({ ...alert, isRegression }, transition);
}

/** Moves an alert out of people's sight, for an exception of the baseline allows all of it. */
export function exceptAlert(alert: Alert, exception: string, nowMs: number): Step {
  const finding: Finding = { ...alert.finding, verdict: "declared-exception", exception };
  const reason = reasonOf(finding);
  return move(
    { ...alert, finding, isRegression: false },
    { to: "excepted", atMs: nowMs, actor: SYSTEM, action: "except", reason },
  );
}

function reasonOf(finding: Finding): string | null {
  return wantedStatus(finding) === "excepted" ? `exception ${finding.exception ?? ""}` : null;
}

function noteSeverity(before: Alert, after: Alert, { nowMs }: StepContext): Step {
  const { id: alertId, status } = after;
  const reason = `severity rose from ${before.finding.severity} to ${after.finding.severity}`;
  const row = { alertId, atMs: nowMs, actor: SYSTEM, action: "change", from: status, to: status, reason } as const;
  return { alert: after, audit: [row] };
}

/** Why an alert that was not open wants a person again; null where it stays as it is. */
function reasonToReopen(alert: Alert, sighting: Sighting, nowMs: number): string | null {
  const isExcepted = wantedStatus(sighting.finding) === "excepted";
  // What is open stays so: another sighting of the same key may not be excepted.
  if (isExcepted && alert.status !== "accepted" && alert.status !== "resolved") return null;
  switch (alert.status) {
    case "open":
      return null;
    case "proposed":
      return wantedStatus(sighting.finding) === "proposed" ? null : "no longer only proposed";
    case "accepted":
      return "seen again after it was accepted";
    case "resolved":
      return sighting.isTraffic ? "seen again after it was resolved" : null;
    case "acknowledged":
      return materialChange(alert, sighting) ?? (isAcknowledgementOver(alert, nowMs) ? ACKNOWLEDGEMENT_OVER : null);
    case "excepted":
      return "no exception covers it";
    case "dismissed":
      return materialChange(alert, sighting) ?? endOfDismissal(alert, sighting, nowMs);
  }
}

/** Said when an acknowledged alert opens again by itself. */
export const ACKNOWLEDGEMENT_OVER = "still seen after the time it was acknowledged for";

/** Tells whether the time that an alert was acknowledged for has passed. */
export function isAcknowledgementOver(alert: Alert, nowMs: number): boolean {
  return alert.acknowledgedUntilMs !== null && nowMs >= alert.acknowledgedUntilMs;
}

/** A key that a person has made quiet must not absorb an attack: worse, or with other credentials, is news. */
function materialChange(alert: Alert, sighting: Sighting): string | null {
  if (isMoreSevere(sighting.finding, alert.finding)) {
    return `severity rose from ${alert.finding.severity} to ${sighting.finding.severity}`;
  }
  const known = new Set(alert.credentialsSeen);
  const isNew = [...sighting.credentials].some((identity) => !known.has(identity));
  return isNew ? "seen with another issuer, client or set of audiences" : null;
}

/** The evidence holds no release newer than the dismissal, since the first one of those ends it. */
function endOfDismissal(alert: Alert, sighting: Sighting, nowMs: number): string | null {
  if (nowMs - (alert.statusSinceMs ?? nowMs) >= DISMISSED_MS) return "still seen 90 days after it was dismissed";
  const known = alert.evidence.flatMap(({ release }) => release ?? []);
  const isNew = sighting.evidence.some(({ release }) => release !== null && !known.includes(release));
  return isNew && known.length > 0 ? "seen in another release of the caller" : null;
}
