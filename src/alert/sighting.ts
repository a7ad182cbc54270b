import type { Finding, FindingHit } from "../model/finding.ts";
import type { Evidence } from "../model/graph.ts";
import { credentialIdentity } from "./credentials-seen.ts";
import { mergeEvidence } from "./merge-evidence.ts";
import { speakingFinding } from "./severity-rank.ts";

/** All hits of one alert key within one step, so that their order among each other does not matter. */
export type Sighting = {
  readonly finding: Finding;
  /** The sum of what was counted and what was retracted. */
  readonly count: number;
  /** Whether anything was found, be it without new traffic, or hops were only retracted. */
  readonly isFound: boolean;
  /** Whether traffic did it again, or the same shapes were only judged again. */
  readonly isTraffic: boolean;
  readonly isRetracting: boolean;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly evidence: readonly Evidence[];
  /** Identities of the credentials presented; not bounded here, so that a new one is noticed among many. */
  readonly credentials: ReadonlySet<string>;
};

/** One hit as a sighting. A retraction brings a count and nothing else: what it shows did not happen. */
export function toSighting(hit: FindingHit): Sighting {
  const isFound = hit.count >= 0;
  const credential = credentialIdentity(hit.finding.credential);
  return {
    finding: hit.finding,
    count: hit.count,
    isFound,
    isTraffic: hit.count > 0,
    isRetracting: !isFound,
    firstSeenMs: isFound ? hit.firstSeenMs : Number.POSITIVE_INFINITY,
    lastSeenMs: isFound ? hit.lastSeenMs : Number.NEGATIVE_INFINITY,
    evidence: isFound && hit.evidence !== null ? [hit.evidence] : [],
    credentials: new Set(isFound && credential !== null ? [credential] : []),
  };
}

/** Two sightings of one alert as one. */
function joinSightings(older: Sighting, newer: Sighting): Sighting {
  return {
    finding: joinFindings(older, newer),
    count: older.count + newer.count,
    isFound: older.isFound || newer.isFound,
    isTraffic: older.isTraffic || newer.isTraffic,
    isRetracting: older.isRetracting || newer.isRetracting,
    firstSeenMs: Math.min(older.firstSeenMs, newer.firstSeenMs),
    lastSeenMs: Math.max(older.lastSeenMs, newer.lastSeenMs),
    evidence: mergeEvidence(older.evidence, newer.evidence),
    credentials: new Set([...older.credentials, ...newer.credentials]),
  };
}

function joinFindings(older: Sighting, newer: Sighting): Finding {
  if (!newer.isFound) return older.finding;
  return older.isFound ? speakingFinding(older.finding, newer.finding) : newer.finding;
}

/** Adds a sighting to the one of its key. */
export function gather(sightings: Map<string, Sighting>, key: string, sighting: Sighting): void {
  const older = sightings.get(key);
  sightings.set(key, older === undefined ? sighting : joinSightings(older, sighting));
}
