import { expect, test } from "vitest";
import { OperatingError } from "../../src/model/operating-error.ts";
import { makeDecoder, rowsOf, type SpanRow } from "./decoding.ts";
import { PARENT_ID, SPAN_ID, TRACE_ID } from "./wire.ts";

const IDS = { traceId: TRACE_ID, spanId: SPAN_ID };

function bytesOf(body: unknown): Uint8Array {
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}

function decodeSpan(span: unknown): SpanRow | undefined {
  const body = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  return rowsOf(makeDecoder().decodeJson(bytesOf(body)))[0];
}

function attributesOf(...values: readonly unknown[]): readonly string[] | undefined {
  return decodeSpan({ ...IDS, attributes: values.map((value) => ({ key: "k", value })) })?.attributes;
}

/** Both what the error says and that it holds nothing else, such as a cause that quotes the body. */
function checkMalformed(body: unknown, message: string): void {
  let thrown: unknown;
  try {
    makeDecoder().decodeJson(bytesOf(body));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "OperatingError", code: "malformed-request", message });
  expect(thrown).not.toHaveProperty("cause");
}

test("ids are hex of either case, or base64 with or without padding", () => {
  const expected = { traceId: TRACE_ID, spanId: SPAN_ID, parentSpanId: PARENT_ID };
  const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
  const base64url = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
  const ids = [(hex: string) => hex, (hex: string) => hex.toUpperCase(), base64, base64url];
  for (const write of ids) {
    expect(
      decodeSpan({ traceId: write(TRACE_ID), spanId: write(SPAN_ID), parentSpanId: write(PARENT_ID) }),
    ).toMatchObject(expected);
  }
});

test("a trace id of 16 hex digits is a 64-bit one", () => {
  expect(decodeSpan({ ...IDS, traceId: PARENT_ID })?.traceId).toBe("0".repeat(16) + PARENT_ID);
});

test("a span whose ids are not ids is rejected and the others are kept", () => {
  const spans = [
    { ...IDS, traceId: "xyz" },
    { ...IDS, spanId: "a".repeat(15) },
    { ...IDS, parentSpanId: "none" },
    { ...IDS, parentSpanId: TRACE_ID },
    { spanId: SPAN_ID },
    IDS,
  ];
  const batch = makeDecoder().decodeJson(bytesOf({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  expect(batch.spanCount).toBe(1);
  expect(Object.fromEntries(batch.rejected)).toEqual({
    "trace id must be 16 bytes": 2,
    "span id must be 8 bytes": 1,
    "parent span id must be 8 bytes": 2,
  });
});

test("kinds and statuses are numbers, numbers in strings, or names", () => {
  for (const [kind, code] of [
    [2, 2],
    ["2", "2"],
    ["SPAN_KIND_SERVER", "STATUS_CODE_ERROR"],
  ]) {
    expect(decodeSpan({ ...IDS, kind, status: { code } })).toMatchObject({ kind: 2, status: 2 });
  }
  for (const unknown of ["SPAN_KIND_OTHER", "", 6, -1, null, 2 ** 40]) {
    expect(decodeSpan({ ...IDS, kind: unknown })?.kind).toBe(0);
  }
});

test("times are strings or numbers", () => {
  expect(decodeSpan({ ...IDS, startTimeUnixNano: "1700000000000500000", endTimeUnixNano: 5_000_000 })).toMatchObject({
    startMs: 1_700_000_000_000.5,
    endMs: 5,
  });
  expect(decodeSpan({ ...IDS, endTimeUnixNano: "18446744073709551615" })?.endMs).toBe(18_446_744_073_709.551);
});

test("a value of any kind is its text", () => {
  const array = {
    arrayValue: {
      values: [{ intValue: 1 }, { arrayValue: { values: [{ stringValue: "no" }] } }, { stringValue: "yes" }],
    },
  };
  expect(
    attributesOf(
      { stringValue: "s" },
      { stringValue: "" },
      { boolValue: false },
      { intValue: "-9223372036854775808" },
      { intValue: 7 },
      { doubleValue: 1.5 },
      { doubleValue: "NaN" },
      { doubleValue: "-Infinity" },
      array,
      { kvlistValue: { values: [{ key: "k", value: { stringValue: "no" } }] } },
      { bytesValue: "bm8=" },
      {},
      null,
    ),
  ).toEqual(
    ["s", "", "false", "-9223372036854775808", "7", "1.5", "NaN", "-Infinity", "yes"].map((value) => `k=${value}`),
  );
});

test("snake_case keys, Tempo's batches and the old instrumentationLibrarySpans are read", () => {
  const span = {
    trace_id: TRACE_ID,
    span_id: SPAN_ID,
    start_time_unix_nano: "5000000",
    attributes: [{ key: "k", value: { int_value: 1 } }],
  };
  const bodies = [
    { resource_spans: [{ scope_spans: [{ spans: [span] }] }] },
    { batches: [{ scopeSpans: [{ spans: [span] }] }] },
    { batches: [{ instrumentationLibrarySpans: [{ spans: [span] }] }] },
  ];
  for (const body of bodies) {
    expect(rowsOf(makeDecoder().decodeJson(bytesOf(body)))).toMatchObject([
      { traceId: TRACE_ID, startMs: 5, attributes: ["k=1"] },
    ]);
  }
});

test("a trace state weighs its span, and is text", () => {
  expect(decodeSpan({ ...IDS, traceState: "ot=th:c" })?.weight).toBe(4);
  expect(decodeSpan({ ...IDS, trace_state: "ot=th:8" })?.weight).toBe(2);
  expect(decodeSpan({ ...IDS, traceState: null })?.weight).toBe(1);
});

test("unknown keys and nulls are as if they were not there, and so is a byte order mark", () => {
  const span = {
    ...IDS,
    parentSpanId: null,
    kind: null,
    attributes: null,
    links: null,
    status: null,
    later: { any: [1] },
  };
  expect(decodeSpan(span)).toMatchObject({ kind: 0, status: 0, attributes: [] });
  expect(makeDecoder().decodeJson(bytesOf("\ufeff{}")).spanCount).toBe(0);
});

test("a body that is not JSON is malformed, and the message quotes nothing of it", () => {
  checkMalformed('{"secret" "s3cr3t"}', "cannot parse JSON body at position 10");
  checkMalformed('{"secret":', "cannot parse JSON body at position 10");
  checkMalformed("", "cannot parse JSON body at position 0");
  checkMalformed("s3cr3t", "cannot parse JSON body");
});

test("a field of another type is malformed, and the message names its key only", () => {
  const inSpan = (span: unknown) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  checkMalformed([], "expected JSON body to be an object");
  checkMalformed({ resourceSpans: {} }, "expected resourceSpans to be an array");
  checkMalformed(inSpan("s3cr3t"), "expected spans to be an object");
  checkMalformed(inSpan({ traceId: 5 }), "expected traceId to be a string");
  checkMalformed(inSpan({ ...IDS, traceState: 8 }), "expected traceState to be a string");
  for (const time of ["s3cr3t", "", "1.5", 1.5, true, {}, "18446744073709551616", "99999999999999999999999"]) {
    checkMalformed(inSpan({ ...IDS, startTimeUnixNano: time }), "expected startTimeUnixNano to be a 64-bit integer");
  }
  checkMalformed(
    inSpan({ ...IDS, attributes: [{ key: "k", value: { doubleValue: "s3cr3t" } }] }),
    "expected doubleValue to be a number",
  );
});

test("a million arrays within each other are one more unknown key", () => {
  const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  const value = '{"arrayValue":{"values":['.repeat(10_000) + "]}}".repeat(10_000);
  const span = `{"traceId":"${TRACE_ID}","spanId":"${SPAN_ID}","deep":${deep},"attributes":[{"key":"k","value":${value}}]}`;
  const batch = makeDecoder().decodeJson(bytesOf(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`));
  expect(rowsOf(batch)).toMatchObject([{ spanId: SPAN_ID, attributes: [] }]);
});

function checkTooLarge(body: string, says: string, spansMax = 2): void {
  const error = new OperatingError("request-too-large", says);
  expect(() => makeDecoder({ spansMax }).decodeJson(bytesOf(body))).toThrowError(error);
}

test("too many spans are refused before the first of them is read", () => {
  const unreadable = { ...IDS, attributes: "none" };
  const resourceSpans = [
    { scopeSpans: [{ spans: [] }, { spans: [unreadable, IDS, IDS] }] },
    { scopeSpans: [{ spans: [IDS, IDS] }] },
  ];
  checkTooLarge(JSON.stringify({ resourceSpans }), "expected a request of at most 2 spans, got more");
  const [, two] = resourceSpans;
  expect(makeDecoder({ spansMax: 2 }).decodeJson(bytesOf({ batches: [two] })).spanCount).toBe(2);
  checkTooLarge(
    JSON.stringify({ resourceSpans: [two], batches: [two] }),
    "expected a request of at most 2 spans, got more",
  );
});

test.for([
  ["links", (many: string) => `"links":[${many}]`],
  ["attributes", (many: string) => `"attributes":[${many}]`],
  ["values", (many: string) => `"attributes":[{"key":"k","value":{"arrayValue":{"values":[${many}]}}}]`],
] as const)("a million %s that say nothing are refused before they are read", ([, write]) => {
  const body = (count: number) =>
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{${write(Array(count).fill("{}").join())}}]}]}]}`;
  checkTooLarge(body(1_048_577), "expected a JSON body of at most 1048576 objects and arrays, got more");
  expect(makeDecoder().decodeJson(bytesOf(body(1_000_000))).spanCount).toBe(0);
});
