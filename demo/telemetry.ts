import type { RequestOptions } from "node:http";
import type { Attributes } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { withCredentialFacts } from "../instrument/instrument.ts";
import type { ServiceName } from "./names.ts";

/** These show the other way of letting the collector see credentials: the raw header is captured. */
const CAPTURING: readonly ServiceName[] = ["cart", "inventory"];
const RAW = { requestHeaders: ["authorization"], requestMetadata: ["authorization"] };

/** Starts the OpenTelemetry SDK; must run before `instrumented.ts` is imported. Name and endpoint come from `OTEL_*`. */
export function startTelemetry(service: ServiceName): NodeSDK {
  const sdk = new NodeSDK({
    traceExporter: new OTLPTraceExporter(),
    instrumentations: CAPTURING.includes(service) ? capturingHeaders() : tellingFacts(),
  });
  sdk.start();
  return sdk;
}

function tellingFacts() {
  const http = new HttpInstrumentation({ startOutgoingSpanHook: nameTemplate });
  return withCredentialFacts([http, new GrpcInstrumentation()]);
}

function capturingHeaders() {
  const both = { client: RAW, server: RAW };
  return [
    new HttpInstrumentation({ startOutgoingSpanHook: nameTemplate, headersToSpanAttributes: both }),
    new GrpcInstrumentation({ metadataToSpanAttributes: both }),
  ];
}

// `http-client.ts` passes the template along with the options of the request.
function nameTemplate(options: RequestOptions & { readonly urlTemplate?: string }): Attributes {
  return options.urlTemplate === undefined ? {} : { "url.template": options.urlTemplate };
}
