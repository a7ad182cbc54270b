import { fileURLToPath } from "node:url";
import { ASSEMBLER_DEFAULTS } from "./assemble/assembler.ts";
import { type LoadedBaseline, loadBaseline, watchBaseline } from "./baseline-source.ts";
import { buildRooms } from "./build-rooms.ts";
import { Engine, nowMs } from "./engine.ts";
import { openFingerprintKey } from "./fingerprint-key-file.ts";
import { OperatingError } from "./model/operating-error.ts";
import type { Store } from "./model/store.ts";
import { type Rooms, replay } from "./pipeline.ts";
import { startGrpcReceiver } from "./receive/grpc-receiver.ts";
import { startHttpReceiver } from "./receive/http-receiver.ts";
import type { ExportOutcome, ExportRequest, ReceiverLog } from "./receive/take-export.ts";
import { lockDatabase } from "./record/lock.ts";
import { openStore } from "./record/sqlite-store.ts";
import { type Readiness, startApiServer } from "./review/api/api-server.ts";
import { createMetrics } from "./review/api/metrics.ts";
import type { ServeOptions } from "./review/cli/options.ts";
import { startDecisionSocket } from "./review/decisions/decision-socket.ts";

const DIGESTS_KEPT_MS = 10 * 60_000;
const LOOK_AT_BASELINE_EVERY_MS = 1_000;
const ALL_ALERTS = { statuses: null, rules: null, minSeverity: null, environment: null, service: null, owner: null };
const PROTO_ROOT = fileURLToPath(new URL("../proto/", import.meta.url));

export type CollectorOptions = ServeOptions & {
  readonly settleMs: number | null;
  readonly windowMs: number | null;
  readonly log: ReceiverLog;
};

type Address = { readonly host: string; readonly port: number };
type Stop = () => Promise<void> | void;

/** A running collector; the addresses are the real ones, also where port 0 was asked for. */
export type Collector = {
  readonly otlpGrpc: Address;
  readonly otlpHttp: Address;
  readonly api: Address;
  readonly loaded: LoadedBaseline;
  /** Reads the baseline's files again. */
  readonly reload: () => void;
  /** Stops taking, commits and answers what was taken, closes. */
  readonly stop: () => Promise<void>;
};

/** Starts the rooms from the back of the house to the front, so that no span comes in before there is a place for it. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  requireLoopback(options);
  const stops: Stop[] = [];
  try {
    return await startRooms(options, stops);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

async function startRooms(options: CollectorOptions, stops: Stop[]): Promise<Collector> {
  const { log } = options;
  const loaded = loadBaseline(options.baselineDir);
  const lock = lockDatabase(options.dbFile);
  stops.push(() => lock.release());
  const store = openStore(options.dbFile);
  stops.push(() => store.close());
  const rooms = await openRooms(store, loaded, options);
  const startMs = resume(store, rooms, options);
  const digests = store.digests(startMs - DIGESTS_KEPT_MS);
  const engine = new Engine({ store, rooms, loaded, log, digests, startMs });
  await engine.saveBaseline(loaded);
  stops.push(() => engine.stop());
  const socket = await startDecisionSocket({ dbFile: options.dbFile, decide: (request) => engine.decide(request) });
  stops.push(() => socket.stop());
  const reload = (): void => engine.reload(options.baselineDir);
  stops.push(watchBaseline(options.baselineDir, LOOK_AT_BASELINE_EVERY_MS, reload).stop);

  const addresses: { otlpGrpc?: Address; otlpHttp?: Address; api?: Address } = {};
  const readiness = (): Readiness => engine.readiness({ ...addresses, database: options.dbFile });
  const metrics = createMetrics(() => engine.figures());
  const scrape = async () => ({ contentType: metrics.contentType, text: await metrics.text() });
  const api = await startApiServer({ ...options.api, readiness, metrics: scrape });
  stops.push(api.stop);
  const take = (request: ExportRequest): Promise<ExportOutcome> => engine.take(request);
  const http = await startHttpReceiver({ ...options.otlpHttp, take, log, corsOrigins: options.corsOrigins });
  stops.push(http.stop);
  const grpc = await startGrpcReceiver({ ...options.otlpGrpc, take, log, protoRoot: PROTO_ROOT });
  stops.push(grpc.stop);
  Object.assign(addresses, { otlpGrpc: addressOf(grpc), otlpHttp: addressOf(http), api: addressOf(api) });
  const at = { otlpGrpc: addressOf(grpc), otlpHttp: addressOf(http), api: addressOf(api) };
  return { ...at, loaded, reload, stop: () => stopAll(stops) };
}

async function openRooms(store: Store, loaded: LoadedBaseline, options: CollectorOptions): Promise<Rooms> {
  const { settleMs, windowMs } = options;
  const assembler = { ...(settleMs === null ? {} : { settleMs }), ...(windowMs === null ? {} : { windowMs }) };
  return buildRooms({
    baseline: loaded.baseline,
    fingerprintKey: openFingerprintKey(options.dbFile),
    alerts: await store.alerts(ALL_ALERTS),
    shapes: await store.shapes(),
    assembler,
  });
}

/**
 * Puts the spans that still waited when the last run ended back into their places; returns collector time.
 * Two windows of the journal hold every span that any waiting span may have met.
 */
function resume(store: Store, rooms: Rooms, { windowMs, log }: CollectorOptions): number {
  const endMs = store.journalEndMs();
  if (endMs === null) return nowMs();
  const startedMs = performance.now();
  const rows = replay(store.journal(endMs - 2 * (windowMs ?? ASSEMBLER_DEFAULTS.windowMs)), rooms);
  const { waiting } = rooms.assembler.figures();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (rows > 0)
    log("info", `read ${rows} journal rows again in ${seconds} s: ${waiting} spans wait for their other half`);
  return endMs;
}

/** Front to back: first the doors, last the database. */
async function stopAll(stops: Stop[]): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
}

function addressOf({ host, port }: Address): Address {
  return { host, port };
}

function requireLoopback(options: ServeOptions): void {
  if (options.allowInsecureBind) return;
  const open = [options.otlpGrpc, options.otlpHttp, options.api].find(({ host }) => !isLoopback(host));
  if (open === undefined) return;
  throw new OperatingError(
    "bad-argument",
    `cannot listen on ${open.host}: nothing is encrypted and nobody is asked who they are, so only this machine may connect; add --allow-insecure-bind to listen there all the same`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/u.test(host);
}
