import { expect, test } from "vitest";
import { type CollectorFigures, createMetrics } from "../../../src/review/api/metrics.ts";

const FIGURES: CollectorFigures = {
  spans: 1001,
  duplicates: 1002,
  waiting: 1003,
  unresolvedOut: 1004,
  unseenCallers: 1005,
  unseenCallersTotal: 1006,
  unresolvedLinks: 1007,
  unresolvedServices: 1008,
  late: 1009,
  retracted: 1010,
  evicted: 1011,
  overflowed: 1012,
  shapes: 1013,
  windowMs: 29_500,
  requests: 1014,
  requestsRefused: 1015,
  requestsRedelivered: 1018,
  spansRejected: { "trace id is not 16 bytes": 3, 'a "quoted" \\ reason': 4 },
  commits: 1016,
  commitSeconds: 1.25,
  queueBytes: 1017,
  openAlerts: { info: 0, low: 1, medium: 2, high: 3, critical: 4 },
  baselineRevision: "r-7",
};

/** Reads the Prometheus text format 0.0.4, as far as we write it; every other line is an error. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || /^# (HELP|TYPE) [a-z_]\w* .+$/.test(line)) continue;
    const sample = /^([a-z_]\w*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})?) (\S+)$/.exec(line);
    if (sample === null) throw new Error(`expected a sample, got ${line}`);
    samples.set(sample[1] ?? "", Number(sample[2]));
  }
  return samples;
}

test("a scrape carries every figure under its name", async () => {
  const samples = parse(await createMetrics(() => FIGURES).text());
  const ours = [...samples].filter(([name]) => name.startsWith("trustdrift_"));
  expect(Object.fromEntries(ours)).toEqual({
    trustdrift_spans_total: 1001,
    trustdrift_duplicate_spans_total: 1002,
    trustdrift_waiting_spans: 1003,
    trustdrift_unresolved_out: 1004,
    trustdrift_unseen_callers: 1005,
    trustdrift_unseen_callers_total: 1006,
    trustdrift_unresolved_links: 1007,
    trustdrift_unresolved_services_total: 1008,
    trustdrift_late_spans_total: 1009,
    trustdrift_retracted_hops_total: 1010,
    trustdrift_evicted_spans_total: 1011,
    trustdrift_overflowed_total: 1012,
    trustdrift_shapes: 1013,
    trustdrift_window_seconds: 29.5,
    trustdrift_requests_total: 1014,
    trustdrift_requests_refused_total: 1015,
    trustdrift_requests_redelivered_total: 1018,
    'trustdrift_rejected_spans_total{reason="trace id is not 16 bytes"}': 3,
    'trustdrift_rejected_spans_total{reason="a \\"quoted\\" \\\\ reason"}': 4,
    trustdrift_commits_total: 1016,
    trustdrift_commit_seconds_total: 1.25,
    trustdrift_queue_bytes: 1017,
    'trustdrift_open_alerts{severity="info"}': 0,
    'trustdrift_open_alerts{severity="low"}': 1,
    'trustdrift_open_alerts{severity="medium"}': 2,
    'trustdrift_open_alerts{severity="high"}': 3,
    'trustdrift_open_alerts{severity="critical"}': 4,
    'trustdrift_baseline_info{revision="r-7"}': 1,
  });
});

test("the process's own figures stand beside them", async () => {
  const samples = parse(await createMetrics(() => FIGURES).text());
  expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
});

test("each scrape shows the figures as they are then, and only those", async () => {
  let figures: CollectorFigures = FIGURES;
  const metrics = createMetrics(() => figures);
  await metrics.text();
  figures = { ...FIGURES, spans: 2000, spansRejected: {}, baselineRevision: "r-8" };
  const samples = parse(await metrics.text());
  expect(samples.get("trustdrift_spans_total")).toBe(2000);
  expect(samples.get('trustdrift_baseline_info{revision="r-8"}')).toBe(1);
  expect([...samples.keys()].filter((name) => /r-7|trace id/.test(name))).toEqual([]);
});

test("two collectors in one process keep their figures apart", async () => {
  const one = createMetrics(() => FIGURES);
  const other = createMetrics(() => ({ ...FIGURES, spans: 5 }));
  expect(parse(await one.text()).get("trustdrift_spans_total")).toBe(1001);
  expect(parse(await other.text()).get("trustdrift_spans_total")).toBe(5);
});

test("the content type is that of the Prometheus text format", () => {
  expect(createMetrics(() => FIGURES).contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
});
