import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { encodeRequest, type OtlpSpan } from "../test/support/otlp.ts";
import { type BenchRun, benchRun, type CollectorTarget } from "./bench-run.ts";
import { type Drift, drawDrifts } from "./draw-drift.ts";
import { createFleet, FLEET_DEFAULTS, type Service } from "./fleet.ts";
import { type LoadRequest, toLoadRequest } from "./load.ts";
import { type Measured, measurePeak, pacedPhase, rate } from "./measure.ts";
import type { Options } from "./options.ts";
import { createRandom, type Random } from "./random.ts";
import { type PhaseResult, quantile } from "./send-phase.ts";
import { Sender } from "./sender.ts";
import { decimal, printTable, whole } from "./table.ts";

const POLL_MS = 1;
const GIVE_UP_MS = 10_000;
/** Hops come at moments that have nothing to do with those of commits. */
const PAUSE_MS_MAX = 60;

type Latency = { readonly alertMs: number; readonly acknowledgedMs: number };
type Row = { readonly name: string; readonly background: number; readonly latencies: readonly Latency[] };

/** From a drifting hop's second span to its alert: idle, and at half of what the collector can take. */
export async function benchAlertLatency(options: Options): Promise<string> {
  return benchRun(async (run) => {
    const load = await run.createLoad({ seed: options.seed, spans: options.spans });
    const collector = await run.startCollector();
    const drifts = drawDrifts(createFleet({ ...FLEET_DEFAULTS, seed: options.seed }), 2 * options.hops, options.seed);
    const bench = { collector, random: createRandom(options.seed) };
    const idle = await measureLatencies(bench, drifts.slice(0, options.hops));
    await run.generator.connect("grpc", collector.port("grpc"));
    const peak = await measurePeak("peak", collector, run.generator, options);
    const background = startBackground(run, peak);
    const busy = await measureLatencies(bench, drifts.slice(options.hops));
    const { rate: spansASecond } = await background.stop();
    const rows = [
      { name: "idle", background: 0, latencies: idle },
      { name: "half load", background: spansASecond, latencies: busy },
    ];
    return options.isJson ? JSON.stringify(rows, null, 2) : `${load}\n\n${describe(rows)}`;
  });
}

type Bench = { readonly collector: CollectorTarget; readonly random: Random };

/** Half of the peak until it is stopped, in slices, since a phase ends by itself only. */
function startBackground({ generator }: BenchRun, peak: Measured): { stop: () => Promise<{ rate: number }> } {
  let isStopped = false;
  const work = async (): Promise<{ rate: number }> => {
    const slices: PhaseResult[] = [];
    while (!isStopped) slices.push(await generator.send(pacedPhase(peak, 0.5, 2)));
    const spans = slices.reduce((sum, slice) => sum + slice.spans, 0);
    return { rate: rate({ ...peak, spans, seconds: slices.reduce((sum, { seconds }) => sum + seconds, 0) }) };
  };
  const done = work();
  return {
    stop: () => {
      isStopped = true;
      return done;
    },
  };
}

/** One hop at a time: its first span well before, then the second, then looking for the alert. */
async function measureLatencies({ collector, random }: Bench, drifts: readonly Drift[]): Promise<readonly Latency[]> {
  const sender = new Sender("grpc", collector.port("grpc"));
  const alerts = new AlertWatch(collector.dbFile);
  const latencies: Latency[] = [];
  for (const drift of drifts) {
    if ((await sender.send(request(drift.caller, drift.calling))) !== "acknowledged")
      throw new Error("a drifting hop's first span was refused");
    await sleep(random.below(PAUSE_MS_MAX));
    const second = request(drift.callee, drift.called);
    const startMs = performance.now();
    const acknowledged = sender.send(second).then(() => performance.now() - startMs);
    await alerts.appearance(drift);
    const alertMs = performance.now() - startMs;
    latencies.push({ alertMs, acknowledgedMs: await acknowledged });
  }
  sender.close();
  alerts.close();
  return latencies;
}

function request({ resource }: Service, span: OtlpSpan): LoadRequest {
  return toLoadRequest(encodeRequest({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }), 1);
}

/** Sees alerts as soon as they are committed. */
class AlertWatch {
  readonly #db: Database.Database;
  readonly #find: Database.Statement<[string, string]>;
  #version: unknown = null;

  constructor(dbFile: string) {
    this.#db = new Database(dbFile, { readonly: true });
    this.#find = this.#db.prepare(
      "SELECT 1 FROM alert WHERE rule = 'undeclared-call' AND caller = ? AND callee = ? LIMIT 1",
    );
  }

  /** Resolves once there is an alert about this call. */
  async appearance({ caller, callee }: Drift): Promise<void> {
    const deadlineMs = performance.now() + GIVE_UP_MS;
    while (!this.#isChanged() || this.#find.get(caller.name, callee.name) === undefined) {
      if (performance.now() > deadlineMs) throw new Error(`no alert about ${caller.name} calling ${callee.name}`);
      await sleep(POLL_MS);
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Cheap, so that looking takes nothing away from the collector: it reads one number of the file's header. */
  #isChanged(): boolean {
    const version = this.#db.pragma("data_version", { simple: true });
    const isChanged = version !== this.#version;
    this.#version = version;
    return isChanged;
  }
}

function describe(rows: readonly Row[]): string {
  return printTable(
    ["", "spans/s", "hops", "alert p50 ms", "p99 ms", "max ms", "acknowledged p50 ms", "p99 ms"],
    rows.map(({ name, background, latencies }) => {
      const alert = latencies.map(({ alertMs }) => alertMs).sort((a, b) => a - b);
      const acknowledged = latencies.map(({ acknowledgedMs }) => acknowledgedMs).sort((a, b) => a - b);
      const figures = [quantile(alert, 0.5), quantile(alert, 0.99), alert.at(-1) ?? Number.NaN];
      const answers = [quantile(acknowledged, 0.5), quantile(acknowledged, 0.99)];
      return [
        name,
        whole(background),
        whole(latencies.length),
        ...[...figures, ...answers].map((ms) => decimal(ms, 1)),
      ];
    }),
  );
}
