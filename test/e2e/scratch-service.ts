/*
 * One service of the pair that sdk.test.ts watches: `scratch-service.ts callee` answers HTTP, `scratch-service.ts
 * caller URL` calls it once. The SDK is set up by its own OTEL_ variables, as any application's would be.
 */
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";

const captured = { requestHeaders: ["authorization"] };
const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [new HttpInstrumentation({ headersToSpanAttributes: { client: captured, server: captured } })],
});
sdk.start();
// Required, not imported: the instrumentation patches what is loaded after it.
const { createServer, request }: typeof import("node:http") = createRequire(import.meta.url)("node:http");

const [role, url = ""] = process.argv.slice(2);
if (role === "callee") answer();
else call();

function answer(): void {
  const server = createServer((_, response) => response.end("ok"));
  server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
  process.once("SIGTERM", () => server.close(end));
}

function call(): void {
  const headers = { authorization: `Bearer ${process.env.SCRATCH_TOKEN}` };
  const sent = request(url, { headers }, (response) => response.resume().once("end", end));
  sent.end();
}

function end(): void {
  sdk.shutdown().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
