import { type Attributes, type Span, trace } from "@opentelemetry/api";

/** A span that keeps its attributes where a test can look at them. */
export type RecordingSpan = Span & { readonly attributes: Attributes };

export function recordingSpan(): RecordingSpan {
  const attributes: Attributes = {};
  const span = trace.wrapSpanContext({ traceId: "", spanId: "", traceFlags: 0 });
  return Object.assign(span, {
    attributes,
    setAttribute: (name: string, value: Attributes[string]) => {
      attributes[name] = value;
      return span;
    },
    setAttributes: (more: Attributes) => {
      Object.assign(attributes, more);
      return span;
    },
  });
}
