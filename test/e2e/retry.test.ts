import { join } from "node:path";
import { SpanKind, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK } from "@opentelemetry/sdk-node";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { type CollectorProcess, startCollectorProcess } from "../support/collector-process.ts";
import { drawRequest } from "../support/draw.ts";
import { encodeJsonRequest } from "../support/otlp.ts";
import { postBytes } from "../support/post-spans.ts";
import { killAtEnd } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
killAtEnd();

/** Holds the database as a backup that went wrong would. */
function seizeDatabase(file: string): () => void {
  const db = new Database(file);
  db.exec("BEGIN IMMEDIATE");
  return () => db.close();
}

/** Sends one request from outside, which counts at once, by the real exporter; resolves when that is done with it. */
function exportOneVisit(otlpHttp: string): Promise<void> {
  const traceExporter = new OTLPTraceExporter({ url: `http://${otlpHttp}/v1/traces`, timeoutMillis: 30_000 });
  const sdk = new NodeSDK({ traceExporter, serviceName: "shop", autoDetectResources: false, instrumentations: [] });
  sdk.start();
  onTestFinished(() => trace.disable());
  const attributes = { "http.request.method": "GET", "http.route": "/items" };
  trace.getTracer("test").startSpan("GET /items", { kind: SpanKind.SERVER, attributes }).end();
  return sdk.shutdown();
}

test("a request that is sent again is answered as the first time, also by the next life of the collector", async () => {
  const own = join(folder, "partly");
  const request = drawRequest("web S#1; web S#2@2");
  const spans = request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  Object.assign(spans[1] ?? {}, { traceId: "00".repeat(16) });
  const send = async ({ otlpHttp }: CollectorProcess) => {
    const answer = await postBytes(otlpHttp, encodeJsonRequest(request), "application/json");
    return answer.json();
  };
  const first = await startCollectorProcess({ folder: own });
  const answer = await send(first);
  expect(answer).toMatchObject({
    partialSuccess: { rejectedSpans: "1", errorMessage: expect.stringContaining("1 span") },
  });
  expect(await send(first)).toEqual(answer);
  expect((await first.stop()).code).toBe(0);
  const second = await startCollectorProcess({ folder: own });
  expect(await send(second)).toEqual(answer);
  expect(await second.metric("trustdrift_requests_redelivered_total")).toBe(1);
  expect((await second.stop()).code).toBe(0);
}, 60_000);

test("what is refused while the database cannot be written is sent again, and counted once", async () => {
  const collector = await startCollectorProcess({ folder });
  const release = seizeDatabase(collector.dbFile);
  onTestFinished(release);
  const exported = exportOneVisit(collector.otlpHttp);
  await until("the collector gives up on the database", () => collector.process.err().includes("are refused"));
  const health = await fetch(`http://${collector.api}/healthz`, { signal: AbortSignal.timeout(1_000) });
  expect(health.status).toBe(200);
  expect(await collector.readyz()).toMatchObject({
    httpStatus: 503,
    problems: [expect.stringContaining("another process is writing to it")],
  });
  release();
  await exported;

  expect(await collector.metric("trustdrift_requests_refused_total")).toBeGreaterThanOrEqual(1);
  expect(await collector.metric("trustdrift_requests_total")).toBeGreaterThanOrEqual(1);
  const edges = await until("the edge is counted", async () => {
    const rows = await collector.ask("observe", "edges");
    return rows.length > 0 && rows;
  });
  expect(edges).toMatchObject([{ caller: "external", callee: "shop", count: 1, counts: { root: 1 } }]);
  expect(await collector.readyz()).toMatchObject({ httpStatus: 200, problems: [] });
  expect(collector.process.err()).toContain("the database can be written again");
}, 60_000);
