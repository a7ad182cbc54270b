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
  SPAN_KIND_FIELD,
  SPAN_LINKS,
  SPAN_PARENT_SPAN_ID,
  SPAN_SPAN_ID,
  SPAN_START_TIME,
  SPAN_STATUS_FIELD,
  SPAN_TRACE_ID,
  SPAN_TRACE_STATE,
  STATUS_CODE,
} from "./otlp-tags.ts";
import { WireWriter } from "./wire-writer.ts";

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
 * Only what the decoder reads is written. Throws `malformed-request`, naming the key and never the value.
 */
export function jsonToProtobuf(bytes: Uint8Array): Uint8Array {
  const request = parseJsonObject(bytes);
  const writer = new WireWriter(bytes.length);
  for (const name of ["resourceSpans", "batches"]) {
    for (const one of objectsField(request, name)) {
      writeMessage(writer, REQUEST_RESOURCE_SPANS, () => writeResourceSpans(writer, one));
    }
  }
  return writer.bytes;
}

function writeResourceSpans(writer: WireWriter, resourceSpans: JsonObject): void {
  const resource = objectField(resourceSpans, "resource");
  if (resource !== null) {
    writeMessage(writer, RESOURCE_SPANS_RESOURCE, () => writeAttributes(writer, RESOURCE_ATTRIBUTES, resource));
  }
  for (const name of ["scopeSpans", "instrumentationLibrarySpans"]) {
    for (const scopeSpans of objectsField(resourceSpans, name)) {
      writeMessage(writer, RESOURCE_SPANS_SCOPE_SPANS, () => writeScopeSpans(writer, scopeSpans));
    }
  }
}

function writeScopeSpans(writer: WireWriter, scopeSpans: JsonObject): void {
  for (const span of objectsField(scopeSpans, "spans")) {
    writeMessage(writer, SCOPE_SPANS_SPANS, () => writeSpan(writer, span));
  }
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
  for (const link of objectsField(span, "links")) {
    writeMessage(writer, SPAN_LINKS, () => {
      writer.block(LINK_TRACE_ID, idField(link, "traceId"));
      writer.block(LINK_SPAN_ID, idField(link, "spanId"));
    });
  }
  const status = objectField(span, "status");
  if (status !== null) {
    writeMessage(writer, SPAN_STATUS_FIELD, () => {
      writer.varint(STATUS_CODE, enumField(status, "code", STATUS_NAMES));
    });
  }
}

function writeAttributes(writer: WireWriter, tag: number, owner: JsonObject): void {
  for (const attribute of objectsField(owner, "attributes")) {
    const value = objectField(attribute, "value");
    writeMessage(writer, tag, () => {
      writer.text(KEY_VALUE_KEY, textField(attribute, "key"));
      if (value !== null) writeMessage(writer, KEY_VALUE_VALUE, () => writeValue(writer, value));
    });
  }
}

/** One level deep into an array and no deeper, as the decoder reads it: nesting costs nothing. */
function writeValue(writer: WireWriter, value: JsonObject): void {
  writeScalar(writer, value);
  const array = objectField(value, "arrayValue");
  if (array === null) return;
  writeMessage(writer, ANY_ARRAY, () => {
    for (const element of objectsField(array, "values")) {
      writeMessage(writer, ARRAY_VALUES, () => writeScalar(writer, element));
    }
  });
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

function writeMessage(writer: WireWriter, tag: number, writeFields: () => void): void {
  const start = writer.open(tag);
  writeFields();
  writer.close(start);
}

/** The specification wants hex; base64, the rule for bytes elsewhere in protobuf's JSON, is seen as well. */
function idField(object: JsonObject, name: string): Uint8Array {
  const text = textField(object, name);
  if (text === "") return new Uint8Array(0);
  if (HEX_ID.test(text)) return Buffer.from(text, "hex");
  return BASE64_ID.test(text) ? Buffer.from(text, "base64") : NO_ID;
}
