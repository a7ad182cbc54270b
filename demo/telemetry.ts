import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Attributes, Span } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { credentialFacts } from "./credential-facts.ts";
import type { ServiceName } from "./names.ts";

/** Two ways to let the collector see credentials: digests made by the service itself, or the raw header. */
type Capture = "facts" | "raw-header";

const RAW = { requestHeaders: ["authorization"], requestMetadata: ["authorization"] };

/** Starts the OpenTelemetry SDK; must run before `instrumented.ts` is imported. Name and endpoint come from `OTEL_*`. */
export function startTelemetry(service: ServiceName): NodeSDK {
  const sdk = new NodeSDK({
    traceExporter: new OTLPTraceExporter(),
    instrumentations: service === "cart" ? instrumentations("raw-header") : instrumentations("facts"),
  });
  sdk.start();
  return sdk;
}

function instrumentations(capture: Capture) {
  const http = { startOutgoingSpanHook: nameTemplate };
  if (capture === "facts") {
    return [new HttpInstrumentation({ ...http, requestHook: attachCredentialFacts }), new GrpcInstrumentation()];
  }
  return [
    new HttpInstrumentation({ ...http, headersToSpanAttributes: { client: RAW, server: RAW } }),
    new GrpcInstrumentation({ metadataToSpanAttributes: { client: RAW, server: RAW } }),
  ];
}

// Called for outgoing and for incoming requests.
function attachCredentialFacts(span: Span, request: ClientRequest | IncomingMessage): void {
  const header = "getHeader" in request ? request.getHeader("authorization") : request.headers.authorization;
  span.setAttributes(credentialFacts(header?.toString()));
}

// `http-client.ts` passes the template along with the options of the request.
function nameTemplate(options: RequestOptions & { readonly urlTemplate?: string }): Attributes {
  return options.urlTemplate === undefined ? {} : { "url.template": options.urlTemplate };
}
