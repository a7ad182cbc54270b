import type { Finding, FindingHit } from "../model/finding.ts";

/** The hits that make of one state the other: what only the first has is taken back. */
export function difference(before: readonly FindingHit[], after: readonly FindingHit[]): FindingHit[] {
  const changes = new Map<string, FindingHit>();
  for (const hit of after) add(changes, hit);
  for (const hit of before) add(changes, { ...hit, count: -hit.count });
  return [...changes.values()].filter(({ count }) => count !== 0);
}

/** Equal for findings that are one alert. */
export function identity(finding: Finding): string {
  return JSON.stringify([finding.rule, finding.environment, ...finding.keyFields]);
}

function add(changes: Map<string, FindingHit>, hit: FindingHit): void {
  const known = changes.get(identity(hit.finding)) ?? { ...hit, count: 0 };
  changes.set(identity(hit.finding), { ...known, count: known.count + hit.count });
}
