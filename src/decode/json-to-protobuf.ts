import { OperatingError } from "../model/operating-error.ts";
import {
  doubleField,
  enumField,
  field,
  integerField,
  type JsonObject,
  objectField,
  objectsField,
  parseJsonObject,
  textField,
} from "./json-fields.ts";
import {
  ANY_ARRAY,
  ANY_BOOL,
  ANY_DOUBLE,
  ANY_INT,
  ANY_STRING,
  ARRAY_VALUES,
  EVENT_ATTRIBUTES,
  EVENT_NAME,
  KEY_VALUE_KEY,
  KEY_VALUE_VALUE,
  LINK_SPAN_ID,
  LINK_TRACE_ID,
  REQUEST_RESOURCE_SPANS,
  RESOURCE_ATTRIBUTES,
  RESOURCE_SPANS_RESOURCE,
  RESOURCE_SPANS_SCOPE_SPANS,
  SCOPE_SPANS_SPANS,
  SPAN_ATTRIBUTES,
  SPAN_END_TIME,
  SPAN_EVENTS,
  SPAN_KIND_FIELD,
  SPAN_LINKS,
  SPAN_NAME,
  SPAN_PARENT_SPAN_ID,
  SPAN_SPAN_ID,
  SPAN_START_TIME,
  SPAN_STATUS_FIELD,
  SPAN_TRACE_ID,
  SPAN_TRACE_STATE,
  STATUS_CODE,
  STATUS_MESSAGE,
} from "./otlp-tags.ts";
import { tooManySpans } from "./too-many-spans.ts";
import { WireWriter } from "./wire-writer.ts";

/**
 * Of `{` and `[` in one body, those in texts included: each costs a hundred times the byte that it takes. An attribute
 * has two, and no fewer than 36 bytes, so no honest body of 16 MiB comes near.
 */
const BRACKETS_MAX = 1_048_576;
const [BRACE, BRACKET] = [0x7b, 0x5b];

const KIND_NAMES = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (name) => `SPAN_KIND_${name}`,
);
const STATUS_NAMES = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

const HEX_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/iu;
/** 8 or 16 bytes, with or without padding, in either alphabet of RFC 4648. */
const BASE64_ID = /^(?:[\w+/-]{11}=?|[\w+/-]{22}(?:==)?)$/u;
/** No id has one byte, so whatever reads it rejects the span. */
const NO_ID = new Uint8Array(1);

/**
 * Rewrites an OTLP/JSON request (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) as protobuf, so that
 * what a span means is decided in one place. Beside what the specification says it takes what real captures hold: ids
 * in base64, enums by name, `batches` (Tempo) and `instrumentationLibrarySpans` (OTLP before 0.15), snake_case keys.
 * Only what the decoder reads is written: texts that are only ever scanned come with `everything`. Throws `malformed-request`, naming the key and never the value, and
 * `request-too-large` before the work is done that a hostile body asks for.
 */
export function jsonToProtobuf(bytes: Uint8Array, spansMax: number, extent: Extent = "what is read"): Uint8Array {
  requireFewBrackets(bytes);
  const request = parseJsonObject(bytes);
  const rewrite: Rewrite = { writer: new WireWriter(bytes.length), spansLeft: spansMax, spansMax, extent };
  for (const name of ["resourceSpans", "batches"]) {
    for (const one of objectsField(request, name)) writeResourceSpans(rewrite, one);
  }
  return rewrite.writer.bytes;
}

type Extent = "what is read" | "everything";
type Rewrite = { readonly writer: WireWriter; readonly spansMax: number; readonly extent: Extent; spansLeft: number };

function requireFewBrackets(bytes: Uint8Array): void {
  if (bytes.length <= BRACKETS_MAX) return;
  let count = 0;
  for (const byte of bytes) if (byte === BRACE || byte === BRACKET) count += 1;
  if (count <= BRACKETS_MAX) return;
  const expected = `expected a JSON body of at most ${BRACKETS_MAX} objects and arrays`;
  throw new OperatingError("request-too-large", `${expected}, got more`);
}

function writeResourceSpans(rewrite: Rewrite, resourceSpans: JsonObject): void {
  const { writer } = rewrite;
  const start = writer.open(REQUEST_RESOURCE_SPANS);
  const resource = objectField(resourceSpans, "resource");
  if (resource !== null) {
    const resourceStart = writer.open(RESOURCE_SPANS_RESOURCE);
    writeAttributes(writer, RESOURCE_ATTRIBUTES, resource);
    writer.close(resourceStart);
  }
  for (const name of ["scopeSpans", "instrumentationLibrarySpans"]) {
    for (const scopeSpans of objectsField(resourceSpans, name)) writeScopeSpans(rewrite, scopeSpans);
  }
  writer.close(start);
}

function writeScopeSpans(rewrite: Rewrite, scopeSpans: JsonObject): void {
  const { writer, spansMax } = rewrite;
  const spans = objectsField(scopeSpans, "spans");
  rewrite.spansLeft -= spans.length;
  if (rewrite.spansLeft < 0) throw tooManySpans(spansMax);
  const start = writer.open(RESOURCE_SPANS_SCOPE_SPANS);
  for (const span of spans) {
    const spanStart = writer.open(SCOPE_SPANS_SPANS);
    writeSpan(writer, span);
    if (rewrite.extent === "everything") writeTexts(writer, span);
    writer.close(spanStart);
  }
  writer.close(start);
}

function writeSpan(writer: WireWriter, span: JsonObject): void {
  writer.block(SPAN_TRACE_ID, idField(span, "traceId"));
  writer.block(SPAN_SPAN_ID, idField(span, "spanId"));
  writer.text(SPAN_TRACE_STATE, textField(span, "traceState"));
  writer.block(SPAN_PARENT_SPAN_ID, idField(span, "parentSpanId"));
  writer.varint(SPAN_KIND_FIELD, enumField(span, "kind", KIND_NAMES));
  writer.fixed64(SPAN_START_TIME, integerField(span, "startTimeUnixNano") ?? 0n);
  writer.fixed64(SPAN_END_TIME, integerField(span, "endTimeUnixNano") ?? 0n);
  writeAttributes(writer, SPAN_ATTRIBUTES, span);
  for (const link of objectsField(span, "links")) writeLink(writer, link);
  const status = objectField(span, "status");
  if (status === null) return;
  const start = writer.open(SPAN_STATUS_FIELD);
  writer.varint(STATUS_CODE, enumField(status, "code", STATUS_NAMES));
  writer.close(start);
}

/** What nobody reads but who looks for leaks, as far as it is what it should be: a request is taken without it, too. */
function writeTexts(writer: WireWriter, span: JsonObject): void {
  writer.text(SPAN_NAME, lenientText(span.name));
  for (const event of lenientObjects(span.events)) {
    const start = writer.open(SPAN_EVENTS);
    writer.text(EVENT_NAME, lenientText(event.name));
    for (const { key, value } of lenientObjects(event.attributes)) {
      const attributeStart = writer.open(EVENT_ATTRIBUTES);
      writer.text(KEY_VALUE_KEY, lenientText(key));
      writer.text(KEY_VALUE_VALUE, JSON.stringify(value) ?? "");
      writer.close(attributeStart);
    }
    writer.close(start);
  }
  const [status] = lenientObjects([span.status]);
  if (status === undefined) return;
  const start = writer.open(SPAN_STATUS_FIELD);
  writer.text(STATUS_MESSAGE, lenientText(status.message));
  writer.close(start);
}

function lenientText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function lenientObjects(value: unknown): readonly JsonObject[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  return values.filter((one): one is JsonObject => typeof one === "object" && one !== null);
}

function writeLink(writer: WireWriter, link: JsonObject): void {
  const start = writer.open(SPAN_LINKS);
  writer.block(LINK_TRACE_ID, idField(link, "traceId"));
  writer.block(LINK_SPAN_ID, idField(link, "spanId"));
  writer.close(start);
}

function writeAttributes(writer: WireWriter, tag: number, owner: JsonObject): void {
  for (const attribute of objectsField(owner, "attributes")) {
    const value = objectField(attribute, "value");
    const start = writer.open(tag);
    writer.text(KEY_VALUE_KEY, textField(attribute, "key"));
    if (value !== null) {
      const valueStart = writer.open(KEY_VALUE_VALUE);
      writeValue(writer, value);
      writer.close(valueStart);
    }
    writer.close(start);
  }
}

/** One level deep into an array and no deeper, as the decoder reads it: nesting costs nothing. */
function writeValue(writer: WireWriter, value: JsonObject): void {
  writeScalar(writer, value);
  const array = objectField(value, "arrayValue");
  if (array === null) return;
  const start = writer.open(ANY_ARRAY);
  for (const element of objectsField(array, "values")) {
    const elementStart = writer.open(ARRAY_VALUES);
    writeScalar(writer, element);
    writer.close(elementStart);
  }
  writer.close(start);
}

function writeScalar(writer: WireWriter, value: JsonObject): void {
  if (field(value, "stringValue") !== null) writer.text(ANY_STRING, textField(value, "stringValue"));
  const boolean = field(value, "boolValue");
  if (boolean !== null) writer.varint(ANY_BOOL, boolean === true || boolean === "true" ? 1 : 0);
  const integer = integerField(value, "intValue");
  if (integer !== null) writer.varint64(ANY_INT, integer);
  const double = doubleField(value, "doubleValue");
  if (double !== null) writer.double(ANY_DOUBLE, double);
}

/** The specification wants hex; base64, the rule for bytes elsewhere in protobuf's JSON, is seen as well. */
function idField(object: JsonObject, name: string): Uint8Array {
  const text = textField(object, name);
  if (text === "") return new Uint8Array(0);
  if (HEX_ID.test(text)) return Buffer.from(text, "hex");
  return BASE64_ID.test(text) ? Buffer.from(text, "base64") : NO_ID;
}
