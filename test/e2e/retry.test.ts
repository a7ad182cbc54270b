import { SpanKind, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK } from "@opentelemetry/sdk-node";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { startCollectorProcess } from "../support/collector-process.ts";
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

test("what is refused while the database cannot be written is sent again, and counted once", async () => {
  const collector = await startCollectorProcess({ folder });
  const release = seizeDatabase(collector.dbFile);
  onTestFinished(release);
  const exported = exportOneVisit(collector.otlpHttp);
  await until("the collector gives up on the database", () => collector.process.err().includes("are refused"), 15_000);
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
