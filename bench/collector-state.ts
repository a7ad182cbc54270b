/** What the collector says of itself after the load; all but the counts is zero where the load was taken as it should be. */
export type CollectorState = {
  readonly spans: number;
  readonly commits: number;
  readonly shapes: number;
  readonly duplicates: number;
  readonly evicted: number;
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
    duplicates: sum("trustdrift_duplicate_spans_total"),
    evicted: sum("trustdrift_evicted_spans_total"),
    unseenCallers: sum("trustdrift_unseen_callers_total"),
    openAlerts: sum("trustdrift_open_alerts"),
  };
}
