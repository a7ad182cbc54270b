import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SpanKind, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { expect, onTestFinished, test, vi } from "vitest";
import { Random } from "../simulation/random.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { compareRuns } from "./compare-runs.ts";
import { readStored, settled } from "./stored.ts";
import { makeHome, startVictim } from "./victim.ts";

type SpanExporter = NodeSDKConfiguration["traceExporter"];

const MINUTE_MS = 60_000;
const CALLS = 60;

const folder = scratchFolder();

test("a collector that is killed again and again stores what one stores that never was", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const options = { folder: join(folder, "compared"), seed: 11, kills: 5, progress: () => {} };
  const { differences, spans, edges, alerts, sent, requests } = await compareRuns(options);
  expect(differences).toEqual([]);
  // What was compared is worth it.
  expect(spans).toBeGreaterThan(400);
  expect(edges).toBeGreaterThan(15);
  expect(alerts).toBeGreaterThan(10);
  expect(sent).toBeGreaterThan(requests);
});

test("what the OpenTelemetry SDK exports while the collector is killed three times counts once", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const home = await makeHome(join(folder, "sdk"), new Random(12), "services: {}\n");
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "20");
  vi.stubEnv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5");
  onTestFinished(() => void vi.unstubAllEnvs());
  const traceExporter = new PatientExporter(`http://127.0.0.1:${home.ports.http}/v1/traces`);
  const sdk = new NodeSDK({ traceExporter, serviceName: "web", autoDetectResources: false, instrumentations: [] });
  sdk.start();
  onTestFinished(() => trace.disable());
  const calls = makeCalls();
  for (const afterMs of [60, 15, 140]) {
    const victim = await startVictim(home);
    await pause(afterMs);
    await victim.kill();
  }
  const victim = await startVictim(home);
  await calls;
  await sdk.shutdown();
  await settled(home);
  await victim.stop();
  expect(traceExporter.deliveries).toBeGreaterThan(5);
  const stored = [...(await readStored(home))].filter(([name]) => name.startsWith("edge web -> stock"));
  expect(stored.map(([, edge]) => JSON.parse(edge))).toMatchObject([{ count: CALLS, counts: { peer: CALLS } }]);
});

/** Makes calls that nobody but the caller reports, a little apart from each other. */
async function makeCalls(): Promise<void> {
  const tracer = trace.getTracer("test");
  const attributes = { "http.request.method": "GET", "url.path": "/items", "peer.service": "stock" };
  for (let call = 0; call < CALLS; call++) {
    tracer.startSpan("GET", { kind: SpanKind.CLIENT, attributes }).end();
    await pause(40);
  }
}

/** The real exporter, whose own retries end after a few seconds, asked again until it has delivered. */
class PatientExporter implements SpanExporter {
  readonly #exporter: OTLPTraceExporter;
  readonly #deadlineMs = performance.now() + MINUTE_MS;
  deliveries = 0;

  constructor(url: string) {
    this.#exporter = new OTLPTraceExporter({ url, timeoutMillis: 2_000 });
  }

  export(...[spans, done]: Parameters<SpanExporter["export"]>): void {
    this.#exporter.export(spans, (result) => {
      const isDelivered = result.code === 0;
      if (isDelivered) this.deliveries++;
      if (isDelivered || performance.now() > this.#deadlineMs) done(result);
      else setTimeout(() => this.export(spans, done), 50);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
