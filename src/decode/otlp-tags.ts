/*
 * The fields of OTLP's trace messages that are read, as they stand on the wire: `field number << 3 | wire type`.
 * Numbers from `proto/`, named message by message. A field sent with another wire type has another tag, is thereby
 * unknown, and is skipped.
 */

const VARINT = 0;
const FIXED64 = 1;
const BLOCK = 2;

// message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
export const REQUEST_RESOURCE_SPANS = (1 << 3) | BLOCK;

// message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
export const RESOURCE_SPANS_RESOURCE = (1 << 3) | BLOCK;
export const RESOURCE_SPANS_SCOPE_SPANS = (2 << 3) | BLOCK;
// Until OTLP 0.15 the spans stood in field 1000, `instrumentation_library_spans`, whose spans are field 2 as well.
export const RESOURCE_SPANS_LIBRARY_SPANS = (1000 << 3) | BLOCK;

// message Resource { repeated KeyValue attributes = 1; }
export const RESOURCE_ATTRIBUTES = (1 << 3) | BLOCK;

// message ScopeSpans { repeated Span spans = 2; }
export const SCOPE_SPANS_SPANS = (2 << 3) | BLOCK;

// message Span
export const SPAN_TRACE_ID = (1 << 3) | BLOCK;
export const SPAN_SPAN_ID = (2 << 3) | BLOCK;
export const SPAN_TRACE_STATE = (3 << 3) | BLOCK;
export const SPAN_PARENT_SPAN_ID = (4 << 3) | BLOCK;
export const SPAN_NAME = (5 << 3) | BLOCK;
export const SPAN_KIND_FIELD = (6 << 3) | VARINT;
export const SPAN_START_TIME = (7 << 3) | FIXED64;
export const SPAN_END_TIME = (8 << 3) | FIXED64;
export const SPAN_ATTRIBUTES = (9 << 3) | BLOCK;
export const SPAN_EVENTS = (11 << 3) | BLOCK;
export const SPAN_LINKS = (13 << 3) | BLOCK;
export const SPAN_STATUS_FIELD = (15 << 3) | BLOCK;

// message Span.Event { string name = 2; repeated KeyValue attributes = 3; }
export const EVENT_NAME = (2 << 3) | BLOCK;
export const EVENT_ATTRIBUTES = (3 << 3) | BLOCK;

// message Span.Link { bytes trace_id = 1; bytes span_id = 2; repeated KeyValue attributes = 4; }
export const LINK_TRACE_ID = (1 << 3) | BLOCK;
export const LINK_SPAN_ID = (2 << 3) | BLOCK;
export const LINK_ATTRIBUTES = (4 << 3) | BLOCK;

// message Status { string message = 2; StatusCode code = 3; }
export const STATUS_MESSAGE = (2 << 3) | BLOCK;
export const STATUS_CODE = (3 << 3) | VARINT;

// message KeyValue { string key = 1; AnyValue value = 2; }
export const KEY_VALUE_KEY = (1 << 3) | BLOCK;
export const KEY_VALUE_VALUE = (2 << 3) | BLOCK;

// message AnyValue { oneof value { string = 1; bool = 2; int64 = 3; double = 4; ArrayValue = 5; … } }
export const ANY_STRING = (1 << 3) | BLOCK;
export const ANY_BOOL = (2 << 3) | VARINT;
export const ANY_INT = (3 << 3) | VARINT;
export const ANY_DOUBLE = (4 << 3) | FIXED64;
export const ANY_ARRAY = (5 << 3) | BLOCK;
export const ANY_KVLIST = (6 << 3) | BLOCK;
export const ANY_BYTES = (7 << 3) | BLOCK;

// message ArrayValue { repeated AnyValue values = 1; }
export const ARRAY_VALUES = (1 << 3) | BLOCK;
