/*
 * A sender of one span, for senders.test.ts. All that it is told stands in the SDK's own OTEL_ variables, as it would for
 * any application.
 */
import { trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK({ instrumentations: [] });
sdk.start();
trace.getTracer("scratch").startSpan("one").end();
sdk.shutdown().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
