import { type Finding, SEVERITIES } from "../model/finding.ts";
import { wantedStatus } from "./wanted-status.ts";

const URGENCY = ["excepted", "proposed", "open"];

/** Tells whether a finding is more severe than another. */
export function isMoreSevere(finding: Finding, than: Finding): boolean {
  return SEVERITIES.indexOf(finding.severity) > SEVERITIES.indexOf(than.severity);
}

/**
 * The finding that speaks for both: what is drift before what is only proposed, and that before what is allowed; then
 * the more severe, else the newer, whose words and deciding line are up to date.
 */
export function speakingFinding(older: Finding, newer: Finding): Finding {
  if (urgency(older) !== urgency(newer)) return urgency(older) > urgency(newer) ? older : newer;
  return isMoreSevere(older, newer) ? older : newer;
}

function urgency(finding: Finding): number {
  return URGENCY.indexOf(wantedStatus(finding));
}
