import fc from "fast-check";
import { expect, test } from "vitest";
import { OperatingError } from "../../src/model/operating-error.ts";
import type { SpanBatch } from "../../src/model/span-batch.ts";
import { anyRequest } from "../support/any-request.ts";
import { encodeJsonRequest, encodeRequest, exportRequestType } from "../support/otlp.ts";
import { makeDecoder, rowsOf, type SpanRow, WANTED } from "./decoding.ts";

const request = anyRequest([...WANTED.map(({ name }) => name), "thread.id", "http.request.methods", "server"]);

/** The rows that the reference decoder's message amounts to. */
function referenceRows(bytes: Uint8Array): readonly SpanRow[] {
  const message = exportRequestType.toObject(exportRequestType.decode(bytes), {
    arrays: true,
    objects: true,
    longs: String,
  });
  return message.resourceSpans.flatMap((one: ReferenceResourceSpans) => {
    const resource = referenceAttributes(one.resource?.attributes ?? [], "resource");
    return one.scopeSpans.flatMap(({ spans }) => spans.map((each) => referenceRow(each, resource)));
  });
}

type ReferenceAttribute = { readonly key: string; readonly value?: ReferenceValue };
type ReferenceValue = {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly boolValue?: boolean;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly ReferenceValue[] };
};
type ReferenceSpan = {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId?: Buffer;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes: readonly ReferenceAttribute[];
  readonly links: readonly { readonly traceId: Buffer; readonly spanId: Buffer }[];
  readonly status?: { readonly code?: number };
};
type ReferenceResourceSpans = {
  readonly resource: { readonly attributes: readonly ReferenceAttribute[] } | null;
  readonly scopeSpans: readonly { readonly spans: readonly ReferenceSpan[] }[];
};

function referenceRow(one: ReferenceSpan, resource: readonly string[]): SpanRow {
  return {
    traceId: hexOf(one.traceId, 32),
    spanId: hexOf(one.spanId, 16),
    parentSpanId: hexOf(one.parentSpanId, 16),
    kind: one.kind ?? 0,
    status: one.status?.code ?? 0,
    startMs: Number(one.startTimeUnixNano ?? 0) / 1e6,
    endMs: Number(one.endTimeUnixNano ?? 0) / 1e6,
    resource,
    attributes: referenceAttributes(one.attributes, "span"),
    links: one.links.map((each) => `${hexOf(each.traceId, 32)}/${hexOf(each.spanId, 16)}`),
  };
}

function hexOf(bytes: Buffer | undefined, digits: number): string {
  return Buffer.from(bytes ?? [])
    .toString("hex")
    .padStart(digits, "0");
}

function referenceAttributes(all: readonly ReferenceAttribute[], scope: string): readonly string[] {
  return all.flatMap(({ key, value: one }) => {
    const keep = WANTED.find((wanted) => wanted.name === key && wanted.scope === scope)?.keep;
    const text = one?.stringValue ?? one?.intValue ?? one?.boolValue ?? one?.doubleValue ?? firstString(one);
    if (keep === undefined || text === undefined) return [];
    return [`${key}=${keep === "host" ? String(text).toLowerCase() : text}`];
  });
}

function firstString(one: ReferenceValue | undefined): string | undefined {
  return one?.arrayValue?.values.find((element) => element.stringValue !== undefined)?.stringValue;
}

/** What a batch says, with typed arrays that may be compared. */
function contentOf(batch: SpanBatch): unknown {
  return { rows: rowsOf(batch), rejected: [...batch.rejected], strings: batch.strings, resources: batch.resourceCount };
}

test("our decoder agrees with the reference decoder", () => {
  const decoder = makeDecoder();
  fc.assert(
    fc.property(request, (one) => {
      const bytes = encodeRequest(one);
      expect(rowsOf(decoder.decodeProtobuf(bytes))).toEqual(referenceRows(bytes));
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
