import fc from "fast-check";
import type { OtlpAttributes, OtlpRequest, OtlpSpan } from "./otlp.ts";

const id = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length })
    .map((text) => `${text.slice(1)}1`);
const word = fc.string({ unit: fc.constantFrom(..."abcXYZ-"), maxLength: 12 });
const value = fc.oneof(
  word,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.double({ noNaN: true }),
  fc.array(word, { maxLength: 3 }),
);

const threshold = fc.string({ unit: fc.constantFrom(..."0123456789abcdefAg"), maxLength: 15 });
const member = fc.oneof(
  word.map((text) => `vendor=${text}`),
  threshold.map((digits) => `ot=th:${digits}`),
  threshold.map((digits) => `ot=rv:0123456789abcd;th:${digits}`),
);
const traceState = fc.oneof(
  word,
  fc.array(member, { maxLength: 3 }).map((members) => members.join(", ")),
);

/** Any valid export request of a few spans, whose attributes go by these names. */
export function anyRequest(names: readonly string[]): fc.Arbitrary<OtlpRequest> {
  const attributes: fc.Arbitrary<OtlpAttributes> = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 });
  const timeMs = fc.integer({ min: 0, max: 4_000_000_000_000 });
  const link = fc.record({ traceId: id(32), spanId: id(16), attributes });

  const span: fc.Arbitrary<OtlpSpan> = fc.record({
    traceId: fc.oneof(id(32), id(16)),
    spanId: id(16),
    parentSpanId: fc.oneof(fc.constant(""), id(16)),
    name: word,
    kind: fc.integer({ min: 0, max: 5 }),
    startMs: timeMs,
    endMs: timeMs,
    attributes,
    status: fc.integer({ min: 0, max: 2 }),
    links: fc.array(link, { maxLength: 2 }),
    events: fc.array(fc.record({ name: word, timeMs, attributes }), { maxLength: 2 }),
    traceState,
  });

  return fc.record({
    resourceSpans: fc.array(
      fc.record(
        {
          resource: attributes,
          scopeSpans: fc.array(fc.record({ spans: fc.array(span, { maxLength: 4 }) }), { maxLength: 2 }),
        },
        { requiredKeys: ["scopeSpans"] },
      ),
      { maxLength: 3 },
    ),
  });
}
