import { whole } from "./table.ts";

/** What the collector says of itself; after a load that was taken as it should be, all but the counts is zero. */
export type CollectorState = {
  readonly spans: number;
  readonly commits: number;
  readonly shapes: number;
  readonly waiting: number;
  readonly duplicates: number;
  readonly evicted: number;
  readonly overflowed: number;
  readonly unseenCallers: number;
  readonly openAlerts: number;
};

/** Reads it from the metrics page. */
export async function readCollectorState(apiPort: number): Promise<CollectorState> {
  const response = await fetch(`http://127.0.0.1:${apiPort}/metrics`);
  const page = await response.text();
  const sum = (name: string): number => {
    const lines = [...page.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gmu"))];
    return lines.reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    spans: sum("trustdrift_spans_total"),
    commits: sum("trustdrift_commits_total"),
    shapes: sum("trustdrift_shapes"),
    waiting: sum("trustdrift_waiting_spans"),
    duplicates: sum("trustdrift_duplicate_spans_total"),
    evicted: sum("trustdrift_evicted_spans_total"),
    overflowed: sum("trustdrift_overflowed_total"),
    unseenCallers: sum("trustdrift_unseen_callers_total"),
    openAlerts: sum("trustdrift_open_alerts"),
  };
}

/** A sentence for below the table. */
export function describeState(state: CollectorState): string {
  const { spans, commits, duplicates, evicted, unseenCallers, shapes, openAlerts } = state;
  return `The collector took ${whole(spans)} spans in ${whole(commits)} commits: ${duplicates} duplicates, ${evicted} evicted, ${unseenCallers} unseen callers, ${shapes} shapes, ${openAlerts} open alerts.`;
}
