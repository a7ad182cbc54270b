// As an application would write it: loaded with --import, before anything that is to be traced.
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { withCredentialFacts } from "trustdrift/instrument";

const headers = { requestHeaders: ["authorization"], requestMetadata: ["authorization"] };
const both = { client: headers, server: headers };
const instrumentations = () => [new HttpInstrumentation(), [new UndiciInstrumentation(), new GrpcInstrumentation()]];
const CAPTURES = {
  facts: () => withCredentialFacts(instrumentations()),
  keyed: () => withCredentialFacts(instrumentations(), { fingerprintKey: process.env.FINGERPRINT_KEY }),
  raw: () => [
    new HttpInstrumentation({ headersToSpanAttributes: both }),
    new UndiciInstrumentation({ headersToSpanAttributes: headers }),
    new GrpcInstrumentation({ metadataToSpanAttributes: both }),
  ],
};

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: CAPTURES[process.env.CAPTURE](),
});
sdk.start();
globalThis.stopTelemetry = () => sdk.shutdown();
