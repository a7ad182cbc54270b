import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { AssemblerFigures } from "../../model/facts.ts";
import { SEVERITIES, type Severity } from "../../model/finding.ts";

/** What the collector counts; totals since its start, gauges as of now. */
export type CollectorFigures = AssemblerFigures & {
  readonly requests: number;
  readonly requestsRefused: number;
  readonly requestsRedelivered: number;
  /** By reason; reasons hold no telemetry values. */
  readonly spansRejected: Readonly<Record<string, number>>;
  readonly commits: number;
  /** Seconds spent in commits, all together. */
  readonly commitSeconds: number;
  /** Bytes of requests that wait for the worker. */
  readonly queueBytes: number;
  readonly openAlerts: Readonly<Record<Severity, number>>;
  /** Null before the first baseline is loaded. */
  readonly baselineRevision: string | null;
};

/** The Prometheus page of one collector. */
export type Metrics = { readonly contentType: string; readonly text: () => Promise<string> };

type Row = readonly [name: string, help: string, value: (figures: CollectorFigures) => number];

const COUNTERS: readonly Row[] = [
  ["trustdrift_requests_total", "Export requests taken.", (f) => f.requests],
  ["trustdrift_requests_refused_total", "Export requests refused as a whole.", (f) => f.requestsRefused],
  ["trustdrift_requests_redelivered_total", "Export requests sent again and known.", (f) => f.requestsRedelivered],
  ["trustdrift_spans_total", "Spans taken.", (f) => f.spans],
  ["trustdrift_duplicate_spans_total", "Spans dropped because they had come before.", (f) => f.duplicates],
  ["trustdrift_late_spans_total", "Spans whose other half had already left the pairing window.", (f) => f.late],
  ["trustdrift_evicted_spans_total", "Waiting spans that left before their time to free memory.", (f) => f.evicted],
  ["trustdrift_overflowed_total", "Names and shapes folded into (other) by a limit.", (f) => f.overflowed],
  ["trustdrift_unresolved_services_total", "Resources without a usable service name.", (f) => f.unresolvedServices],
  ["trustdrift_unseen_callers_total", "Accepted calls whose caller had not come in time.", (f) => f.unseenCallersTotal],
  ["trustdrift_retracted_hops_total", "Guessed hops taken back after the real ones came.", (f) => f.retracted],
  ["trustdrift_commits_total", "Transactions committed.", (f) => f.commits],
  ["trustdrift_commit_seconds_total", "Seconds spent in committing.", (f) => f.commitSeconds],
];

const GAUGES: readonly Row[] = [
  ["trustdrift_waiting_spans", "Spans that wait for their other half.", (f) => f.waiting],
  ["trustdrift_unseen_callers", "Accepted calls whose caller is still missing.", (f) => f.unseenCallers],
  ["trustdrift_unresolved_out", "Outbound spans that named nobody and were not answered.", (f) => f.unresolvedOut],
  ["trustdrift_unresolved_links", "Links to spans that were not seen.", (f) => f.unresolvedLinks],
  ["trustdrift_shapes", "Distinct shapes of hops in memory.", (f) => f.shapes],
  ["trustdrift_window_seconds", "Pairing window as memory allows it now.", (f) => f.windowMs / 1000],
  ["trustdrift_queue_bytes", "Bytes of export requests that wait to be decoded.", (f) => f.queueBytes],
];

/** Metrics of a registry of their own; `read` is asked once a scrape. */
export function createMetrics(read: () => CollectorFigures): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const updates = [...counters(registry), ...gauges(registry), rejected(registry), alerts(registry), info(registry)];
  const text = () => {
    const figures = read();
    for (const update of updates) update(figures);
    return registry.metrics();
  };
  return { contentType: registry.contentType, text };
}

type Update = (figures: CollectorFigures) => void;

/** The collector keeps the totals; a Counter can only be set by starting it anew. */
function counters(registry: Registry): Update[] {
  return COUNTERS.map(([name, help, value]) => {
    const counter = new Counter({ name, help, registers: [registry] });
    return (figures) => {
      counter.reset();
      counter.inc(value(figures));
    };
  });
}

function gauges(registry: Registry): Update[] {
  return GAUGES.map(([name, help, value]) => {
    const gauge = new Gauge({ name, help, registers: [registry] });
    return (figures) => gauge.set(value(figures));
  });
}

function rejected(registry: Registry): Update {
  const name = "trustdrift_rejected_spans_total";
  const help = "Spans rejected as invalid, by reason.";
  const counter = new Counter({ name, help, labelNames: ["reason"], registers: [registry] });
  return ({ spansRejected }) => {
    counter.reset();
    for (const [reason, count] of Object.entries(spansRejected)) counter.inc({ reason }, count);
  };
}

function alerts(registry: Registry): Update {
  const name = "trustdrift_open_alerts";
  const help = "Alerts that want a person, by severity.";
  const gauge = new Gauge({ name, help, labelNames: ["severity"], registers: [registry] });
  return ({ openAlerts }) => {
    for (const severity of SEVERITIES) gauge.set({ severity }, openAlerts[severity]);
  };
}

function info(registry: Registry): Update {
  const name = "trustdrift_baseline_info";
  const help = "The revision of the baseline in force, as a label; always 1.";
  const gauge = new Gauge({ name, help, labelNames: ["revision"], registers: [registry] });
  return ({ baselineRevision }) => {
    gauge.reset();
    if (baselineRevision !== null) gauge.set({ revision: baselineRevision }, 1);
  };
}
