import { fileURLToPath } from "node:url";
import { Root } from "protobufjs";

/** A number that is a safe integer becomes an int value, any other number a double. */
export type OtlpAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export type OtlpLink = { readonly traceId: string; readonly spanId: string; readonly attributes?: OtlpAttributes };

export type OtlpEvent = { readonly name: string; readonly timeMs: number; readonly attributes?: OtlpAttributes };

/** Ids are hex; times are milliseconds since 1970, with fractions; kind and status are OTLP's numbers. */
export type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly attributes?: OtlpAttributes;
  readonly status?: number;
  readonly links?: readonly OtlpLink[];
  readonly events?: readonly OtlpEvent[];
  readonly traceState?: string;
};

export type OtlpScopeSpans = { readonly scope?: string; readonly spans: readonly OtlpSpan[] };

export type OtlpResourceSpans = {
  /** The resource's attributes; without them the request has no resource at all. */
  readonly resource?: OtlpAttributes;
  readonly scopeSpans: readonly OtlpScopeSpans[];
};

export type OtlpRequest = { readonly resourceSpans: readonly OtlpResourceSpans[] };

const protoRoot = fileURLToPath(new URL("../../proto/", import.meta.url));
const root = new Root();
root.resolvePath = (_origin, target) => protoRoot + target;
root.loadSync("opentelemetry/proto/collector/trace/v1/trace_service.proto");

/** The reference codec for an export request, made from `proto/`. */
export const exportRequestType = root.lookupType("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");

/** The request as a protobuf exporter sends it. */
export function encodeRequest(request: OtlpRequest): Uint8Array {
  const message = exportRequestType.fromObject(toMessage(request, hexToBase64));
  return exportRequestType.encode(message).finish();
}

/** The request as an OTLP/JSON exporter sends it: hex ids, lowerCamelCase keys, 64-bit integers as strings. */
export function encodeJsonRequest(request: OtlpRequest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(toMessage(request, (hex) => hex)));
}

type IdText = (hex: string) => string;

function toMessage(request: OtlpRequest, idText: IdText): Record<string, unknown> {
  return { resourceSpans: request.resourceSpans.map((one) => toResourceSpans(one, idText)) };
}

function toResourceSpans({ resource, scopeSpans }: OtlpResourceSpans, idText: IdText): Record<string, unknown> {
  return {
    ...(resource === undefined ? {} : { resource: { attributes: toKeyValues(resource) } }),
    scopeSpans: scopeSpans.map(({ scope, spans }) => ({
      ...(scope === undefined ? {} : { scope: { name: scope } }),
      spans: spans.map((span) => toSpan(span, idText)),
    })),
  };
}

function toSpan(span: OtlpSpan, idText: IdText): Record<string, unknown> {
  return {
    traceId: idText(span.traceId),
    spanId: idText(span.spanId),
    parentSpanId: idText(span.parentSpanId ?? ""),
    traceState: span.traceState ?? "",
    name: span.name ?? "",
    kind: span.kind ?? 0,
    startTimeUnixNano: toNanoseconds(span.startMs ?? 0),
    endTimeUnixNano: toNanoseconds(span.endMs ?? span.startMs ?? 0),
    attributes: toKeyValues(span.attributes ?? {}),
    events: (span.events ?? []).map(({ name, timeMs, attributes }) => ({
      timeUnixNano: toNanoseconds(timeMs),
      name,
      attributes: toKeyValues(attributes ?? {}),
    })),
    links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
      traceId: idText(traceId),
      spanId: idText(spanId),
      attributes: toKeyValues(attributes ?? {}),
    })),
    status: { code: span.status ?? 0 },
  };
}

function toKeyValues(attributes: OtlpAttributes): readonly unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }));
}

function toAnyValue(value: OtlpAttributes[string]): Record<string, unknown> {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value !== "number") return { arrayValue: { values: value.map(toAnyValue) } };
  // Protobuf's JSON mapping writes what JSON has no number for, such as NaN, as a string.
  if (!Number.isSafeInteger(value)) return { doubleValue: Number.isFinite(value) ? value : String(value) };
  return { intValue: String(BigInt(value)) };
}

/** Whole and fractional milliseconds apart: their product with a million does not fit a double exactly. */
function toNanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6)));
}

function hexToBase64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
