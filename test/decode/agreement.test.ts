import fc from "fast-check";
import { expect, test } from "vitest";
import { OperatingError } from "../../src/model/operating-error.ts";
import type { SpanBatch } from "../../src/model/span-batch.ts";
import { anyRequest } from "../support/any-request.ts";
import { encodeJsonRequest, encodeRequest } from "../support/otlp.ts";
import { makeDecoder, rowsOf, WANTED } from "./decoding.ts";
import { referenceRequest, referenceRows } from "./reference.ts";

const request = anyRequest([...WANTED.map(({ name }) => name), "thread.id", "http.request.methods", "server"]);

/** What a batch says, with typed arrays that may be compared. */
function contentOf(batch: SpanBatch): unknown {
  return { rows: rowsOf(batch), rejected: [...batch.rejected], strings: batch.strings, resources: batch.resourceCount };
}

test("our decoder agrees with the reference decoder", () => {
  const decoder = makeDecoder();
  fc.assert(
    fc.property(request, (one) => {
      const bytes = encodeRequest(one);
      expect(rowsOf(decoder.decodeProtobuf(bytes))).toEqual(referenceRows(referenceRequest(bytes)));
    }),
    { numRuns: 300 },
  );
});

test("a request says the same in JSON and in protobuf", () => {
  const decoder = makeDecoder();
  fc.assert(
    fc.property(request, (one) => {
      const batch = decoder.decodeProtobuf(encodeRequest(one));
      expect(contentOf(decoder.decodeJson(encodeJsonRequest(one)))).toEqual(contentOf(batch));
    }),
    { numRuns: 200 },
  );
});

function checkOnlyOperatingErrors(decode: () => SpanBatch): void {
  try {
    expect(decode().spanCount).toBeGreaterThanOrEqual(0);
  } catch (error) {
    expect(error).toBeInstanceOf(OperatingError);
    expect(error).toHaveProperty("code", "malformed-request");
  }
}

test("random bytes decode or are malformed, and nothing else", () => {
  const decoder = makeDecoder();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      checkOnlyOperatingErrors(() => decoder.decodeProtobuf(bytes));
      checkOnlyOperatingErrors(() => decoder.decodeJson(bytes));
    }),
    { numRuns: 1000 },
  );
});

test("a request with a byte changed, or cut anywhere, decodes or is malformed, and nothing else", () => {
  const decoder = makeDecoder();
  fc.assert(
    fc.property(request, fc.nat(), fc.nat(255), (one, at, byte) => {
      for (const [bytes, decode] of [
        [encodeRequest(one), (damaged: Uint8Array) => decoder.decodeProtobuf(damaged)],
        [encodeJsonRequest(one), (damaged: Uint8Array) => decoder.decodeJson(damaged)],
      ] as const) {
        const place = at % (bytes.length + 1);
        checkOnlyOperatingErrors(() => decode(bytes.slice(0, place)));
        checkOnlyOperatingErrors(() => decode(bytes.map((old, index) => (index === place ? byte : old))));
      }
    }),
    { numRuns: 400 },
  );
});

test("any JSON value decodes or is malformed, and nothing else", () => {
  const decoder = makeDecoder();
  const keys = fc.constantFrom(
    "resourceSpans",
    "resource",
    "attributes",
    "scopeSpans",
    "spans",
    "traceId",
    "kind",
    "links",
    "status",
    "code",
    "key",
    "value",
    "arrayValue",
    "values",
    "intValue",
    "stringValue",
    "startTimeUnixNano",
  );
  const anything = fc.object({ key: keys, maxDepth: 6, withNullPrototype: false });
  fc.assert(
    fc.property(anything, (body) => {
      checkOnlyOperatingErrors(() => decoder.decodeJson(new TextEncoder().encode(JSON.stringify(body))));
    }),
    { numRuns: 500 },
  );
});
