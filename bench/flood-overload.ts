import type { BenchRun, CollectorTarget } from "./bench-run.ts";
import { HealthWatch } from "./health-watch.ts";
import { SPANS_A_REQUEST } from "./load.ts";
import { type Measured, measure, pacedPhase, rate, WARM_UP_SECONDS } from "./measure.ts";
import type { Options } from "./options.ts";
import { type PhaseResult, quantile } from "./send-phase.ts";
import { readStoredTotals } from "./stored-totals.ts";
import { decimal, printTable, whole } from "./table.ts";

const FLOOD_SHARE = 3;
/** More than the collector lets wait, so that it is the one who says no, and not the generator. */
const FLOOD_IN_FLIGHT = 512;
/** Recovered is who accepts all, with a p99 of at most this many times the one from before. */
const NORMAL_FACTOR = 1.5;
const NORMAL_P99_MS_MIN = 50;
const SLICE_SECONDS = 1;
const SLICES_MAX = 60;

type Row = Measured & { readonly healthMs: readonly number[] };

/** What an overload did, and what was left of it. */
export type Overload = {
  readonly rows: readonly Row[];
  /** Until a request was accepted, and until the p99 was normal; null where it never was. */
  readonly acceptedAfterMs: number;
  readonly normalAfterSeconds: number | null;
  readonly acknowledgedSpans: number;
  readonly storedSpans: number;
};

/** Sends three times what can be taken; then looks how the collector recovers and what it holds. */
export async function overload(run: BenchRun, options: Options): Promise<Overload> {
  const collector = await run.startCollector();
  const { generator } = run;
  await generator.connect("grpc", collector.port("grpc"));
  const results: PhaseResult[] = [];
  const watched = async (name: string, work: () => Promise<Measured>): Promise<Row> => {
    const health = new HealthWatch(collector.apiPort);
    const measured = await work();
    results.push(measured);
    return { ...measured, name, healthMs: await health.stop() };
  };
  const closed = { inFlight: options.inFlight, requestsASecond: null };
  results.push(await generator.send({ ...closed, seconds: WARM_UP_SECONDS }));
  const probe = await measure("peak", collector, generator, { ...closed, seconds: options.seconds });
  results.push(probe);
  const half = pacedPhase(probe, 0.5, options.seconds);
  const before = await watched("half load", () => measure("", collector, generator, half));
  const flood = { ...pacedPhase(probe, FLOOD_SHARE, options.seconds), inFlight: FLOOD_IN_FLIGHT };
  const during = await watched("3 times the peak", () => measure("", collector, generator, flood));
  const recovery = await recover(run, collector, { peak: probe, before, results });
  const after = await watched("half load again", () => measure("", collector, generator, half));
  await collector.stop();
  const acknowledgedSpans = results.reduce((sum, { spans }) => sum + spans, 0);
  const { spans: storedSpans } = readStoredTotals(collector.dbFile);
  return { rows: [before, during, after], ...recovery, acknowledgedSpans, storedSpans };
}

type Before = { readonly peak: Measured; readonly before: Measured; readonly results: PhaseResult[] };
type Recovery = Pick<Overload, "acceptedAfterMs" | "normalAfterSeconds">;

async function recover(
  { generator }: BenchRun,
  collector: CollectorTarget,
  { peak, before, results }: Before,
): Promise<Recovery> {
  const startMs = performance.now();
  let acceptedAfterMs = Number.NaN;
  const normalMs = Math.max(NORMAL_P99_MS_MIN, before.p99Ms * NORMAL_FACTOR);
  const one = { seconds: SLICE_SECONDS, inFlight: 1, requestsASecond: null, requestsMax: 1 };
  for (let slice = 0; slice < SLICES_MAX; slice++) {
    if (Number.isNaN(acceptedAfterMs)) {
      const first = await generator.send(one);
      results.push(first);
      if (first.spans > 0) acceptedAfterMs = performance.now() - startMs;
    }
    const startedMs = performance.now();
    const result = await measure("", collector, generator, pacedPhase(peak, 0.5, SLICE_SECONDS));
    results.push(result);
    const isNormal = result.refusedForNow + result.failed === 0 && result.p99Ms <= normalMs;
    if (isNormal) return { acceptedAfterMs, normalAfterSeconds: (startedMs - startMs) / 1000 };
  }
  return { acceptedAfterMs, normalAfterSeconds: null };
}

/** The table of {@link overload}, and two sentences. */
export function describeOverload({ rows, ...rest }: Overload): string {
  const table = printTable(
    [
      ...["", "sent spans/s", "taken spans/s", "refused for now", "failed", "p50 ms", "p99 ms"],
      ...["healthz p99 ms", "max ms", "RSS max MiB", "sender CPU"],
    ],
    rows.map((row) => [
      row.name,
      ...[(row.requests * SPANS_A_REQUEST) / row.seconds, rate(row), row.refusedForNow, row.failed].map(whole),
      ...[row.p50Ms, row.p99Ms, quantile(row.healthMs, 0.99), row.healthMs.at(-1) ?? Number.NaN].map((ms) =>
        decimal(ms, 1),
      ),
      whole(row.rssMaxMib),
      `${whole((100 * row.generatorCpuSeconds) / row.seconds)} %`,
    ]),
  );
  const { acceptedAfterMs, normalAfterSeconds, acknowledgedSpans, storedSpans } = rest;
  const normal = normalAfterSeconds === null ? "never normal" : `normal after ${decimal(normalAfterSeconds, 1)} s`;
  const lost = acknowledgedSpans - storedSpans;
  return `${table}

After the flood: a request accepted after ${whole(acceptedAfterMs)} ms, p99 ${normal}.
Acknowledged ${whole(acknowledgedSpans)} spans, the database counts ${whole(storedSpans)}: ${lost === 0 ? "nothing lost" : `${whole(lost)} LOST`}.`;
}
