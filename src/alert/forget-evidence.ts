import type { Alert } from "../model/alert.ts";
import { DISMISSED_MS } from "./see-alert.ts";

const KEPT_MS = 30 * 86_400_000;

/**
 * Whether an alert has been closed and quiet for so long that its examples, which name traces and fingerprints, are not
 * to be kept any longer. A dismissal needs them to tell another release of the caller, for as long as it lasts.
 */
export function isEvidenceOver(alert: Alert, nowMs: number): boolean {
  const { status, statusSinceMs = 0, lastSeenMs } = alert;
  if (status === "open" || status === "acknowledged" || status === "proposed") return false;
  const keptMs = status === "dismissed" ? DISMISSED_MS : KEPT_MS;
  // The evidence last: it may have to be read from the database.
  return nowMs - Math.max(statusSinceMs, lastSeenMs) >= keptMs && alert.evidence.length > 0;
}
