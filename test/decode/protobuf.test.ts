import { expect, test } from "vitest";
import { OperatingError } from "../../src/model/operating-error.ts";
import { encodeRequest, type OtlpSpan } from "../support/otlp.ts";
import { makeDecoder, rowsOf, type SpanRow } from "./decoding.ts";
import {
  attribute,
  type Bytes,
  fixed64,
  hex,
  IDS,
  integer,
  message,
  PARENT_ID,
  requestOf,
  SPAN_ID,
  TRACE_ID,
  text,
  varint,
} from "./wire.ts";

const NO_PARENT = "0".repeat(16);

function decodeSpan(...fields: readonly Bytes[]): SpanRow | undefined {
  return rowsOf(makeDecoder().decodeProtobuf(requestOf(...fields)))[0];
}

function attributesOf(...fields: readonly Bytes[]): readonly string[] | undefined {
  return decodeSpan(IDS, ...fields)?.attributes;
}

/** What a span is rejected for, beside a good one that is kept. */
function checkRejected(reason: string, ...fields: readonly Bytes[]): void {
  const bytes = Uint8Array.from(message(1, message(2, message(2, ...fields), message(2, IDS))));
  const batch = makeDecoder().decodeProtobuf(bytes);
  expect([...batch.rejected]).toEqual([[reason, 1]]);
  expect(rowsOf(batch).map((row) => row.spanId)).toEqual([SPAN_ID]);
}

function checkMalformed(bytes: Bytes | Uint8Array, message = "cannot decode protobuf body"): void {
  const decode = () => makeDecoder().decodeProtobuf(Uint8Array.from(bytes));
  expect(decode).toThrowError(expect.objectContaining({ name: "OperatingError", code: "malformed-request" }));
  expect(decode).toThrowError(message);
}

test("an empty request is an empty batch", () => {
  const batch = makeDecoder().decodeProtobuf(new Uint8Array(0));
  expect(batch.spanCount).toBe(0);
  expect([...batch.attributeStarts, ...batch.linkStarts, ...batch.credentialStarts]).toEqual([0, 0, 0]);
});

test("a span is read with its resource, attributes and links", () => {
  const span: OtlpSpan = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    parentSpanId: PARENT_ID,
    name: "GET /cart",
    kind: 3,
    startMs: 1_700_000_000_000.5,
    endMs: 1_700_000_000_001.25,
    attributes: { "http.request.method": "GET", "thread.id": 7, "server.port": 8080, "server.address": "Cart.Shop." },
    status: 2,
    traceState: "vendor=th:c,ot=th:8",
    links: [{ traceId: SPAN_ID + TRACE_ID.slice(16), spanId: PARENT_ID }],
    events: [{ name: "exception", timeMs: 1, attributes: { k: "of the event" } }],
  };
  const bytes = encodeRequest({
    resourceSpans: [
      { resource: { "service.name": "web", "host.name": "h" }, scopeSpans: [{ scope: "s", spans: [span] }] },
    ],
  });
  expect(rowsOf(makeDecoder().decodeProtobuf(bytes))).toEqual([
    {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      parentSpanId: PARENT_ID,
      kind: 3,
      status: 2,
      startMs: 1_700_000_000_000.5,
      endMs: 1_700_000_000_001.25,
      weight: 2,
      resource: ["service.name=web"],
      attributes: ["http.request.method=GET", "server.port=8080", "server.address=cart.shop"],
      links: [`${SPAN_ID}${TRACE_ID.slice(16)}/${PARENT_ID}`],
    },
  ]);
});

test("a decoder remembers nothing of the request before", () => {
  const decoder = makeDecoder();
  decoder.decodeProtobuf(requestOf(IDS, message(4, hex(PARENT_ID)), attribute("k", text(1, "before")), integer(6, 2n)));
  const batch = decoder.decodeProtobuf(requestOf(IDS, attribute("k", text(1, "after!"))));
  expect(rowsOf(batch)[0]).toMatchObject({ parentSpanId: NO_PARENT, kind: 0, attributes: ["k=after!"] });
  expect(batch.strings).toEqual(["after!"]);
});

test("a batch stays as it is when its decoder decodes another request", () => {
  const decoder = makeDecoder();
  const first = decoder.decodeProtobuf(requestOf(IDS, attribute("k", text(1, "first"))));
  const before = rowsOf(first);
  decoder.decodeProtobuf(requestOf(message(1, hex(SPAN_ID + SPAN_ID)), message(2, hex(PARENT_ID)), integer(6, 2n)));
  expect(rowsOf(first)).toEqual(before);
});

test("equal values are one string of the dictionary, also when they differ before they are sanitised", () => {
  const names = ["cart.shop", "CART.shop", "cart.shop.", "cart.shop"];
  const batch = makeDecoder().decodeProtobuf(
    requestOf(IDS, ...names.map((name) => attribute("server.address", text(1, name)))),
  );
  expect(batch.strings).toEqual(["cart.shop"]);
  expect([...batch.attributeValues]).toEqual([0, 0, 0, 0]);
});

test("one text kept in two ways is two strings", () => {
  const batch = makeDecoder().decodeProtobuf(
    requestOf(IDS, attribute("k", text(1, "Cart")), attribute("server.address", text(1, "Cart"))),
  );
  expect(batch.strings).toEqual(["Cart", "cart"]);
});

test("thousands of distinct values and spans fit", () => {
  const spans = Array.from({ length: 5000 }, (_, at) =>
    message(2, IDS, attribute("k", text(1, `value ${at}`)), attribute("server.port", integer(3, BigInt(at % 100)))),
  );
  const batch = makeDecoder().decodeProtobuf(Uint8Array.from(message(1, message(2, ...spans))));
  const expected = Array.from({ length: 5000 }, (_, at) => [`k=value ${at}`, `server.port=${at % 100}`]);
  expect(rowsOf(batch).map((row) => row.attributes)).toEqual(expected);
  expect(batch.strings.length).toBe(5100);
});

test("thousands of resources and links fit", () => {
  const link = message(13, IDS);
  const one = (at: number) =>
    message(
      1,
      message(1, message(1, text(1, "service.name"), message(2, text(1, `s${at}`)))),
      message(2, message(2, IDS, link, link)),
    );
  const bytes = Array.from({ length: 5000 }, (_, at) => one(at)).flat();
  const rows = rowsOf(makeDecoder().decodeProtobuf(Uint8Array.from(bytes)));
  expect(rows.map((row) => row.resource)).toEqual(rows.map((_, at) => [`service.name=s${at}`]));
  expect(rows.every((row) => row.links.length === 2)).toBe(true);
});

test("numbers and booleans are their text", () => {
  const values = [
    integer(3, 200n),
    integer(3, -1n),
    integer(3, 2n ** 63n - 1n),
    integer(3, -(2n ** 63n)),
    integer(2, 1n),
  ];
  expect(attributesOf(...values.map((value) => attribute("k", value)))).toEqual(
    ["200", "-1", "9223372036854775807", "-9223372036854775808", "true"].map((value) => `k=${value}`),
  );
  expect(attributesOf(attribute("k", fixed64(4, 0x3ff8000000000000n)))).toEqual(["k=1.5"]);
});

test("an array is its first string", () => {
  const numberFirst = message(5, message(1, integer(3, 5n)), message(1, text(1, "a")), message(1, text(1, "b")));
  expect(attributesOf(attribute("k", numberFirst))).toEqual(["k=a"]);
  expect(attributesOf(attribute("k", message(5, message(1, integer(3, 5n)))))).toEqual([]);
});

test("a wanted attribute without a value, with bytes or with a map is as if it were not there", () => {
  const keyOnly = message(9, text(1, "k"));
  const bytes = attribute("k", text(7, "bytes"));
  const map = attribute("k", message(6, message(1, text(1, "k"), message(2, text(1, "inner")))));
  expect(attributesOf(keyOnly, attribute("k"), bytes, map, attribute("k", text(1, "")))).toEqual(["k="]);
});

test("a key is matched as a whole and by its scope", () => {
  const names = [
    "",
    "k ",
    "K",
    "service.name",
    "http.request.methoD",
    "xttp.request.method",
    "http.request.method_original",
    "http.request.metXod",
  ];
  expect(attributesOf(...names.map((name) => attribute(name, text(1, "v"))))).toEqual([]);
});

test("a value may stand before its key", () => {
  expect(attributesOf(message(9, message(2, text(1, "v")), text(1, "k")))).toEqual(["k=v"]);
});

test("of a field that comes twice the last one counts", () => {
  const twice = message(
    9,
    text(1, "other"),
    message(2, text(1, "first")),
    text(1, "k"),
    message(2, integer(3, 1n), text(1, "last")),
  );
  const span = decodeSpan(
    message(2, hex("01")),
    IDS,
    integer(6, 2n),
    integer(6, 3n),
    fixed64(7, 1n),
    fixed64(7, 2_000_000n),
    twice,
  );
  expect(span).toMatchObject({ spanId: SPAN_ID, kind: 3, startMs: 2, attributes: ["k=last"] });
});

test("a status that comes twice is merged, as protobuf merges messages", () => {
  expect(decodeSpan(IDS, message(15, integer(3, 2n)), message(15, text(2, "why")))?.status).toBe(2);
});

test("a resource may follow its spans, and one that comes twice is merged", () => {
  const resource = (value: string) => message(1, message(1, text(1, "service.name"), message(2, text(1, value))));
  const spans = message(2, message(2, IDS));
  const bytes = [...message(1, spans, resource("a"), resource("b")), ...message(1, resource("c"), spans)];
  const rows = rowsOf(makeDecoder().decodeProtobuf(Uint8Array.from(bytes)));
  expect(rows.map((row) => row.resource)).toEqual([["service.name=a", "service.name=b"], ["service.name=c"]]);
});

test("a resource none of whose spans are kept is left out", () => {
  const resource = message(1, message(1, text(1, "service.name"), message(2, text(1, "empty"))));
  const batch = makeDecoder().decodeProtobuf(Uint8Array.from([...message(1, resource), ...requestOf(IDS)]));
  expect(batch.resourceCount).toBe(1);
  expect(rowsOf(batch)[0]?.resource).toEqual([]);
});

test("spans by instrumentation library, as OTLP had them until 0.15, are read", () => {
  const bytes = Uint8Array.from(message(1, message(1000, message(2, IDS))));
  expect(makeDecoder().decodeProtobuf(bytes).spanCount).toBe(1);
});

test("kinds and statuses that OTLP does not know are unspecified", () => {
  const unknown = decodeSpan(IDS, integer(6, 6n), message(15, integer(3, 3n)));
  expect(unknown).toMatchObject({ kind: 0, status: 0 });
  expect(decodeSpan(IDS, integer(6, -1n), message(15, integer(3, -1n)))).toMatchObject({ kind: 0, status: 0 });
});

test("times up to the end of 64 bits are finite, and an end before its start is left as it is", () => {
  const span = decodeSpan(IDS, fixed64(7, 2n ** 64n - 1n), fixed64(8, 5_000_000n));
  expect(span).toMatchObject({ startMs: 18_446_744_073_709.551, endMs: 5 });
});

test("a 64-bit trace id has a zero high half", () => {
  expect(decodeSpan(message(1, hex(PARENT_ID)), message(2, hex(SPAN_ID)))?.traceId).toBe("0".repeat(16) + PARENT_ID);
});

test("a parent id of zeros is no parent", () => {
  expect(decodeSpan(IDS, message(4, hex(NO_PARENT)))?.parentSpanId).toBe(NO_PARENT);
  expect(decodeSpan(IDS, message(4))?.parentSpanId).toBe(NO_PARENT);
});

test("a span whose ids are not whole is rejected and the others are kept", () => {
  const spanId = message(2, hex(SPAN_ID));
  const traceId = message(1, hex(TRACE_ID));
  checkRejected("trace id must be 16 bytes", spanId);
  checkRejected("trace id must be 16 bytes", message(1, hex(TRACE_ID.slice(2))), spanId);
  checkRejected("trace id must be 16 bytes", message(1, hex(`${TRACE_ID}00`)), spanId);
  checkRejected("trace id must not be zero", message(1, hex("0".repeat(32))), spanId);
  checkRejected("trace id must not be zero", message(1, hex(NO_PARENT)), spanId);
  checkRejected("span id must be 8 bytes", traceId);
  checkRejected("span id must be 8 bytes", traceId, message(2, hex(TRACE_ID)));
  checkRejected("span id must not be zero", traceId, message(2, hex(NO_PARENT)));
  checkRejected("parent span id must be 8 bytes", IDS, message(4, hex("01")));
});

test("nothing of a rejected span is left to the next", () => {
  const bad = message(
    2,
    message(1, hex("01")),
    attribute("k", text(1, "bad")),
    message(13, IDS),
    message(4, hex(PARENT_ID)),
  );
  const batch = makeDecoder().decodeProtobuf(Uint8Array.from(message(1, message(2, bad, message(2, IDS), bad))));
  expect(rowsOf(batch)).toMatchObject([{ spanId: SPAN_ID, parentSpanId: NO_PARENT, attributes: [], links: [] }]);
  expect([...batch.rejected]).toEqual([["trace id must be 16 bytes", 2]]);
  expect([batch.attributeKeys.length, batch.links.length]).toEqual([0, 0]);
});

test("a link whose ids are not whole is left out, its span is not", () => {
  const noSpan = message(13, message(1, hex(TRACE_ID)));
  const short = message(13, IDS, message(2, hex("01")));
  const zero = message(13, message(1, hex("0".repeat(32))), message(2, hex(SPAN_ID)));
  expect(decodeSpan(IDS, zero, noSpan, short, message(13), message(13, IDS))?.links).toEqual([
    `${TRACE_ID}/${SPAN_ID}`,
  ]);
});

test("unknown fields are stepped over, whatever their type", () => {
  const unknown = [
    ...integer(90, 2n ** 64n - 1n),
    ...fixed64(91, 1n),
    ...text(92, "x"),
    ...varint(93n * 8n + 5n),
    1,
    2,
    3,
    4,
  ];
  const bytes = Uint8Array.from([
    ...unknown,
    ...message(
      1,
      unknown,
      message(1, unknown),
      message(
        2,
        unknown,
        message(
          2,
          unknown,
          IDS,
          unknown,
          message(9, unknown, text(1, "k"), message(2, unknown, text(1, "v"), unknown)),
        ),
      ),
    ),
  ]);
  expect(rowsOf(makeDecoder().decodeProtobuf(bytes))).toMatchObject([{ spanId: SPAN_ID, attributes: ["k=v"] }]);
});

test("a known field of another wire type is unknown", () => {
  expect(decodeSpan(IDS, integer(1, 1n), fixed64(6, 2n))).toMatchObject({ traceId: TRACE_ID, kind: 0 });
});

test("a field that claims more bytes than are left rejects the request", () => {
  checkMalformed([10, 5, 1, 2], "a field claims more bytes than are left");
  checkMalformed([10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], "a field claims more bytes than are left");
  checkMalformed([10], "a field claims more bytes than are left");
  checkMalformed([10, 128], "a field claims more bytes than are left");
});

test("a field that reaches past its own message rejects the request, though there are bytes behind it", () => {
  checkMalformed([...message(1, [18, 4, 18, 100]), ...message(90, new Array(200).fill(0))]);
  checkMalformed(requestOf(IDS, message(9, [10, 9, 107]), text(90, "far more than nine bytes")));
  checkMalformed(requestOf(IDS, [57, 1, 2, 3]));
  checkMalformed(
    requestOf(IDS, message(9, text(1, "k"), message(2, [10, 9, 107])), text(90, "far more than nine bytes")),
  );
});

test("a varint of more than ten bytes, a field number of zero and a group reject the request", () => {
  checkMalformed(requestOf(IDS, [48, ...new Array(10).fill(255), 1]), "expected a varint of at most 10 bytes");
  checkMalformed([0, 0], "expected a field number");
  checkMalformed([255, 255, 255, 255, 255, 1, 0], "expected a field number");
  checkMalformed([11, 12], "expected a field of wire type");
  checkMalformed([15], "expected a field of wire type");
});

test("a thousand arrays within each other cost nothing and say nothing", () => {
  let value: Bytes = text(1, "deep");
  for (let depth = 0; depth < 1000; depth += 1) value = message(5, message(1, value));
  expect(attributesOf(attribute("k", value), attribute("other", value))).toEqual([]);
});

test("a value that is not UTF-8 gets replacement characters", () => {
  expect(attributesOf(attribute("k", message(1, [97, 255, 98])))).toEqual(["k=a\ufffdb"]);
});

test("a value of a megabyte is cut", () => {
  const [attribute1] = attributesOf(attribute("k", text(1, "x".repeat(1_000_000)))) ?? [];
  expect(attribute1?.length).toBeLessThan(300);
});

test("more spans than the limit are too many, the rejected ones included", () => {
  const three = Uint8Array.from(message(1, message(2, message(2, IDS), message(2), message(2, IDS))));
  expect(makeDecoder({ spansMax: 3 }).decodeProtobuf(three).spanCount).toBe(2);
  expect(() => makeDecoder({ spansMax: 2 }).decodeProtobuf(three)).toThrowError(
    new OperatingError("request-too-large", "expected a request of at most 2 spans, got more"),
  );
});

test("bytes in the middle of a larger buffer are read as if they were alone", () => {
  const bytes = requestOf(IDS, attribute("k", text(1, "value")));
  const larger = Buffer.concat([Buffer.alloc(13, 255), bytes, Buffer.alloc(13, 255)]);
  expect(rowsOf(makeDecoder().decodeProtobuf(larger.subarray(13, 13 + bytes.length)))).toMatchObject([
    { attributes: ["k=value"] },
  ]);
});

test("the passing port of a client is left out where the kind came before it, and kept elsewhere", () => {
  const wanted = [{ name: "network.peer.port", scope: "span", keep: "text", isFarPort: true }] as const;
  const kept = (...fields: readonly Bytes[]) => {
    const batch = makeDecoder({ wanted }).decodeProtobuf(requestOf(IDS, ...fields));
    return Array.from(batch.attributeValues, (value) => batch.strings[value]);
  };
  const port = attribute("network.peer.port", integer(3, 50_123n));
  expect(kept(integer(6, 2n), port)).toEqual([]);
  expect(kept(integer(6, 5n), port)).toEqual([]);
  expect(kept(integer(6, 3n), port)).toEqual(["50123"]);
  expect(kept(integer(6, 1n), port)).toEqual(["50123"]);
  expect(kept(port, integer(6, 2n))).toEqual(["50123"]);
});
