import { fileURLToPath } from "node:url";
import { askReadiness } from "./ask-readiness.ts";
import { watchBaseline } from "./baseline-source.ts";
import { EngineThread } from "./engine-thread.ts";
import { OperatingError } from "./model/operating-error.ts";
import { openSenderAccess } from "./open-sender-access.ts";
import { startGrpcReceiver } from "./receive/grpc-receiver.ts";
import { startHttpReceiver } from "./receive/http-receiver.ts";
import type { SenderAccess } from "./receive/sender-access.ts";
import type { ExportOutcome, ExportRequest, ReceiverLog } from "./receive/take-export.ts";
import { UploadBudget } from "./receive/upload-budget.ts";
import { type ApiServerOptions, type Readiness, startApiServer } from "./review/api/api-server.ts";
import { type CollectorFigures, createMetrics } from "./review/api/metrics.ts";
import type { ServeOptions } from "./review/cli/options.ts";
import type { DecisionRequest } from "./review/decisions/decision-request.ts";
import { startDecisionSocket } from "./review/decisions/decision-socket.ts";
import type { LoadedSummary } from "./thread-messages.ts";

const LOOK_AT_BASELINE_EVERY_MS = 1_000;
const READINESS_WITHIN_MS = 2_000;
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
  readonly loaded: LoadedSummary;
  /** Reads the baseline's files again. */
  readonly reload: () => void;
  /** Rejects when the collector can no longer do its work. */
  readonly failed: Promise<never>;
  /** Stops taking, commits and answers what was taken, closes. */
  readonly stop: () => Promise<void>;
};

/** Starts the rooms from the back of the house to the front, so that no span comes in before there is a place for it. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const access = openSenderAccess(options, options.log);
  requireLoopback(options, access);
  const stops: Stop[] = [];
  try {
    return await startRooms(options, access, stops);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

async function startRooms(options: CollectorOptions, access: SenderAccess, stops: Stop[]): Promise<Collector> {
  const { log, dbFile, baselineDir, settleMs, windowMs, attributeMap = null } = options;
  const engine = new EngineThread({ dbFile, baselineDir, settleMs, windowMs, attributeMap }, log);
  stops.push(() => engine.stop());
  await engine.opening;
  const addresses: Addresses = {};
  const uploads = new UploadBudget();
  // Who asks whether the collector lives has an answer also while the journal is read again.
  const readiness = readinessOf(engine, addresses, dbFile);
  const api = await startApiServer({ ...options.api, readiness, metrics: metricsOf(engine, uploads, access) });
  stops.push(api.stop);
  addresses.api = addressOf(api);

  const loaded = await engine.started;
  const decide = (request: DecisionRequest) => engine.ask({ kind: "decide", request });
  stops.push((await startDecisionSocket({ dbFile, decide })).stop);
  const reload = (): void => void engine.ask({ kind: "reload" }).catch((error: Error) => log("warn", error.message));
  stops.push(watchBaseline(baselineDir, LOOK_AT_BASELINE_EVERY_MS, reload).stop);

  const take = (request: ExportRequest): Promise<ExportOutcome> => engine.take(request);
  const doors = { take, log, uploads, access };
  const http = await startHttpReceiver({ ...options.otlpHttp, ...doors, corsOrigins: options.corsOrigins });
  stops.push(http.stop);
  const grpc = await startGrpcReceiver({ ...options.otlpGrpc, ...doors, protoRoot: PROTO_ROOT });
  stops.push(grpc.stop);
  const at = { otlpGrpc: addressOf(grpc), otlpHttp: addressOf(http), api: addressOf(api) };
  Object.assign(addresses, at);
  return { ...at, loaded, reload, failed: engine.failed, stop: () => stopAll(stops) };
}

type Addresses = { otlpGrpc?: Address; otlpHttp?: Address; api?: Address };

/** Ready is who takes spans. While the engine starts, it is not asked: it could not answer. */
function readinessOf(engine: EngineThread, addresses: Addresses, database: string): () => Promise<Readiness> {
  const ask = askReadiness(() => engine.ask({ kind: "readiness" }), READINESS_WITHIN_MS);
  return async () => {
    const step = engine.step ?? (addresses.otlpGrpc === undefined ? "starting to listen" : null);
    const answer = step === null ? await ask() : { isReady: false, problems: [step], details: {} };
    return { ...answer, details: { ...addresses, database, ...answer.details } };
  };
}

/** Answers a scrape with what the engine counts and what waits in front of it. */
function metricsOf(engine: EngineThread, uploads: UploadBudget, access: SenderAccess): ApiServerOptions["metrics"] {
  let figures: CollectorFigures | null = null;
  const metrics = createMetrics(() => {
    if (figures === null) throw new Error("expected figures before a scrape");
    return figures;
  });
  return async () => {
    if (engine.step !== null) return null;
    const counted = await engine.ask({ kind: "figures" });
    const requestsRefused = counted.requestsRefused + engine.refused + uploads.refused + access.refused;
    figures = { ...counted, requestsRefused, queueBytes: engine.bytes + uploads.bytes };
    return { contentType: metrics.contentType, text: await metrics.text() };
  };
}

/** Front to back: first the doors, last the database. */
async function stopAll(stops: Stop[]): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
}

function addressOf({ host, port }: Address): Address {
  return { host, port };
}

function requireLoopback({ otlpGrpc, otlpHttp, api, allowInsecureBind }: ServeOptions, access: SenderAccess): void {
  if (allowInsecureBind) return;
  const isOpen = ({ host }: Address) => !isLoopback(host);
  const door = access.isGuarded ? undefined : [otlpGrpc, otlpHttp].find(isOpen);
  const open = door ?? [api].find(isOpen);
  if (open === undefined) return;
  const because =
    door === undefined
      ? "the API is not encrypted and asks nobody who they are"
      : "senders are not both encrypted (--otlp-tls-cert) and asked who they are (--ingest-keys or --otlp-client-ca)";
  throw new OperatingError(
    "bad-argument",
    `cannot listen on ${open.host}: ${because}, so only this machine may connect; add --allow-insecure-bind to listen there all the same`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/u.test(host);
}
