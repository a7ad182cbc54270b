import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type CollectorState, readCollectorState } from "./collector-state.ts";
import { GeneratorProcess } from "./generator-process.ts";
import { SPANS_A_REQUEST } from "./load.ts";
import type { Options } from "./options.ts";
import { describeProfile } from "./profile.ts";
import type { PhaseResult } from "./send-phase.ts";
import { decimal, printTable, whole } from "./table.ts";
import { startTarget, type Target } from "./target.ts";

const WARM_UP_SECONDS = 5;
/** In the second phase more requests may wait, so that a slow moment delays them and does not thin them out. */
const PACED_IN_FLIGHT = 128;
/** A span lives through its whole wait, guess and end included, within the warm-up already. */
const SHORT_WINDOW = { TRUSTDRIFT_SETTLE_SECONDS: "2.5", TRUSTDRIFT_WINDOW_SECONDS: "5" };

type Measured = PhaseResult & { readonly name: string; readonly cpuSeconds: number; readonly rssMaxMib: number };

/** Sends the load to gRPC alone and to the collector, side by side in one run; returns what to print. */
export async function benchIngest(options: Options): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-bench-"));
  const generator = new GeneratorProcess();
  try {
    const { requests, bytesASpan, baseline } = await generator.create(options.seed, options.spans);
    writeFileSync(join(folder, "baseline.yaml"), baseline);
    const bench = { options, generator, folder };
    const rows = options.isProfiled ? [] : [await measureGrpcOnly(bench)];
    const state = await measureCollector(bench, rows);
    const load = { requests, bytesASpan, seed: options.seed, inFlight: options.inFlight };
    if (options.isJson) return JSON.stringify({ machine: machine(), load, rows, state }, null, 2);
    const profile = options.isProfiled ? `\n\n${describeProfile(folder)}` : "";
    return `${describeLoad(load)}\n\n${describeRows(rows)}\n\n${describeState(state)}${profile}`;
  } finally {
    generator.stop();
    rmSync(folder, { recursive: true });
  }
}

type Bench = { readonly options: Options; readonly generator: GeneratorProcess; readonly folder: string };

async function measureGrpcOnly(bench: Bench): Promise<Measured> {
  const target = await startTarget(["bench/grpc-only.ts"], {});
  try {
    await bench.generator.connect(target.grpcPort);
    return await measureFull(bench, target, "grpc-js alone");
  } finally {
    await target.stop();
  }
}

/** Adds the collector's rows; returns what it says of itself at the end. */
async function measureCollector(bench: Bench, rows: Measured[]): Promise<CollectorState> {
  const { options, generator, folder } = bench;
  const target = await startTarget([...profileFlags(bench), ...serveArguments(folder)], SHORT_WINDOW);
  try {
    await generator.connect(target.grpcPort);
    const full = await measureFull(bench, target, "collector");
    rows.push(full);
    if (!options.isProfiled) {
      const requestsASecond = rate(full) / 2 / SPANS_A_REQUEST;
      const phase = { seconds: options.seconds, inFlight: PACED_IN_FLIGHT, requestsASecond };
      rows.push(await measure(target, "collector, half load", () => generator.send(phase)));
    }
    return await readCollectorState(target.apiPort ?? 0);
  } finally {
    await target.stop();
  }
}

function serveArguments(folder: string): readonly string[] {
  const anyPort = ["--otlp-grpc", "--otlp-http", "--api"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const files = ["--db", join(folder, "bench.db"), "--baseline", join(folder, "baseline.yaml")];
  return ["src/main.ts", "serve", ...anyPort, ...files];
}

function profileFlags({ options, folder }: Bench): readonly string[] {
  return options.isProfiled ? ["--cpu-prof", `--cpu-prof-dir=${folder}`] : [];
}

async function measureFull({ options, generator }: Bench, target: Target, name: string): Promise<Measured> {
  const phase = { inFlight: options.inFlight, requestsASecond: null };
  await generator.send({ ...phase, seconds: WARM_UP_SECONDS });
  return measure(target, name, () => generator.send({ ...phase, seconds: options.seconds }));
}

async function measure(target: Target, name: string, send: () => Promise<PhaseResult>): Promise<Measured> {
  const before = target.cpuSeconds();
  const result = await send();
  return { name, ...result, cpuSeconds: target.cpuSeconds() - before, rssMaxMib: target.rssMaxMib() };
}

function machine(): { readonly cores: number; readonly node: string; readonly load1m: number } {
  return { cores: availableParallelism(), node: process.version, load1m: loadavg()[0] ?? 0 };
}

function describeLoad(load: { readonly requests: number; readonly bytesASpan: number; readonly seed: number }): string {
  const { cores, node, load1m } = machine();
  return `${whole(load.requests)} requests of ${SPANS_A_REQUEST} spans, ${whole(load.bytesASpan)} bytes a span, seed ${load.seed}; ${cores} cores, Node ${node}, load average ${decimal(load1m, 1)}`;
}

function describeRows(rows: readonly Measured[]): string {
  const alone = rows.find(({ name }) => name === "grpc-js alone");
  return printTable(
    ["", "spans/s", "of alone", "CPU s/M spans", "RSS max MiB", "p50 ms", "p99 ms", "refused"],
    rows.map((row) => [
      row.name,
      whole(rate(row)),
      alone === undefined ? "" : `${whole((100 * rate(row)) / rate(alone))} %`,
      decimal((row.cpuSeconds / row.spans) * 1e6),
      whole(row.rssMaxMib),
      decimal(row.p50Ms, 1),
      decimal(row.p99Ms, 1),
      whole(row.refused),
    ]),
  );
}

function rate({ spans, seconds }: PhaseResult): number {
  return spans / seconds;
}

function describeState({
  spans,
  duplicates,
  evicted,
  unseenCallers,
  shapes,
  openAlerts,
  commits,
}: CollectorState): string {
  return `The collector took ${whole(spans)} spans in ${whole(commits)} commits: ${duplicates} duplicates, ${evicted} evicted, ${unseenCallers} unseen callers, ${shapes} shapes, ${openAlerts} open alerts.`;
}
