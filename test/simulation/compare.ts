import type { Delivery } from "./deliver.ts";
import { FEATURES } from "./features.ts";
import type { Observed } from "./observe.ts";
import type { Truth } from "./truth.ts";

/** Every difference between what is and what was observed of all its spans, a line each. */
export function compareWithTruth(truth: Truth, observed: Observed, { duplicates, pace }: Delivery): string[] {
  const { figures } = observed;
  return [
    ...compareCounts(truth.hops, observed.hops),
    ...compareSets(truth.alerts, observed.alerts, "alert").filter((line) => pace !== "late" || isTimely(line)),
    ...observed.impossible.map((text) => `impossible: ${text}`),
    ...compareFigure("duplicates", duplicates, figures.duplicates),
    ...compareFigure("unseen callers", truth.unseenCallers, figures.unseenCallers),
    ...compareFigure("unresolved calls", truth.unresolvedOut, figures.unresolvedOut),
  ];
}

/** Every difference between two runs over the same spans. */
export function compareRuns(one: Observed, other: Observed): string[] {
  return [
    ...compareCounts(one.hops, other.hops),
    ...compareSets(one.alerts, other.alerts, "alert").filter(isTimely),
    ...(FEATURES.lateRelays ? compareSets(one.alertKeys, other.alertKeys, "alert key") : []),
  ].map((line) => `the order matters: ${line}`);
}

/** Every hop and alert that spans are to blame for which were not lost. Much may be missing; nothing may be invented. */
export function compareWithLoss(truth: Truth, observed: Observed): string[] {
  const counts = [...observed.edges].flatMap(([edge, count]) => {
    const most = truth.edgesMax.get(edge) ?? 0;
    return count <= most ? [] : [`edge ${edge}: expected at most ${most}, got ${count}`];
  });
  // A token that was passed on by spans that are lost looks stolen: that is only a suspicion, and no invention.
  const alerts = [...observed.alerts].filter((text) => !truth.alertsMax.has(text) && !isAboutTokens(text));
  return [
    ...counts,
    ...alerts.map((text) => `invented alert ${text}`),
    ...observed.impossible.map((text) => `impossible: ${text}`),
  ];
}

/** Whether a token was relayed is decided when a span settles, so these depend on what has come by then. */
function isTimely(line: string): boolean {
  return FEATURES.lateRelays || !isAboutTokens(line);
}

function isAboutTokens(line: string): boolean {
  return /\b(?:token-|audience-|relay-|exchange-)/u.test(line);
}

function compareCounts(expected: ReadonlyMap<string, number>, observed: ReadonlyMap<string, number>): string[] {
  const texts = new Set([...expected.keys(), ...observed.keys()]);
  return [...texts].sort().flatMap((text) => {
    const [wanted, got] = [expected.get(text) ?? 0, observed.get(text) ?? 0];
    return wanted === got ? [] : [`hop ${text}: expected ${wanted}, got ${got}`];
  });
}

function compareSets(expected: ReadonlySet<string>, observed: ReadonlySet<string>, what: string): string[] {
  return [
    ...[...expected].filter((text) => !observed.has(text)).map((text) => `missing ${what} ${text}`),
    ...[...observed].filter((text) => !expected.has(text)).map((text) => `invented ${what} ${text}`),
  ];
}

function compareFigure(name: string, expected: number, got: number): string[] {
  return expected === got ? [] : [`${name}: expected ${expected}, got ${got}`];
}
