import { type Finding, SEVERITIES } from "../model/finding.ts";

/** Tells whether a finding is more severe than another. */
export function isMoreSevere(finding: Finding, than: Finding): boolean {
  return SEVERITIES.indexOf(finding.severity) > SEVERITIES.indexOf(than.severity);
}

/** The finding that speaks for both: the more severe, else the newer, whose words and deciding line are up to date. */
export function speakingFinding(older: Finding, newer: Finding): Finding {
  return isMoreSevere(older, newer) ? older : newer;
}
