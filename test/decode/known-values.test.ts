import fc from "fast-check";
import { expect, test } from "vitest";
import { CredentialReader } from "../../src/credential/credential-reader.ts";
import { sanitizeValue } from "../../src/credential/sanitize-value.ts";
import { Decoder } from "../../src/decode/decoder.ts";
import type { Keep, SpanBatch } from "../../src/model/span-batch.ts";
import { attribute, IDS, integer, message, requestOf, text } from "./wire.ts";

const KEEPS: readonly Keep[] = ["text", "host", "path", "url", "query", "user-agent"];
const JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLWEtY2FuYXJ5";

/** A decoder that wants one attribute of each kind, called like it. */
function makeDecoder(): Decoder {
  const credentials = new CredentialReader({ id: "test", bytes: new Uint8Array(32) });
  return new Decoder({ wanted: KEEPS.map((keep) => ({ name: keep, scope: "span", keep })), credentials });
}

/** Each value once for each kind, in one request. */
function decodeAll(decoder: Decoder, values: readonly string[]): SpanBatch {
  return decoder.decodeProtobuf(
    requestOf(IDS, ...values.flatMap((value) => KEEPS.map((keep) => attribute(keep, text(1, value))))),
  );
}

function expectSanitized(batch: SpanBatch, values: readonly string[]): void {
  const shown = Array.from(batch.attributeValues, (index) => batch.strings[index]);
  expect(shown).toEqual(values.flatMap((value) => KEEPS.map((keep) => sanitizeValue(keep, value))));
  expect(new Set(batch.strings).size).toBe(batch.strings.length);
}

const id = fc.oneof(
  fc.constantFrom("1", "42", "123/4567", "2026-01-31", "deadbeef01", "6f1e2c1e-8c55-4d3b-9b53-2f9e3a9f7a11", JWT),
  fc.nat().map(String),
  fc.string({ maxLength: 24 }),
);
const fixed = fc.oneof(
  fc.constantFrom(
    "/",
    "/",
    "/",
    "/users/",
    "/v1/",
    "http://orders/",
    "https://",
    "orders",
    "bearer",
    "Basic ",
    "token=",
  ),
  fc.constantFrom("?", "#", "://", "@", ":", " ", "+", "%20", "=", ";", ".", "{id}", "eyJ", "AKIA", "ghp_", "hvs."),
  fc.constantFrom("0123456789abcdef", "ABCDEFGHIJKLMNOP", "-----BEGIN PRIVATE KEY-----", "\u00e9", "\u202e", "*"),
  fc.string({ unit: "binary", maxLength: 6 }),
);
/** Texts that differ in their ids alone, so that what one of them taught the decoder is tried on the others. */
const siblings = fc
  .tuple(
    fc.array(fc.option(fixed, { nil: null, freq: 3 }), { maxLength: 8 }),
    fc.array(id, { minLength: 12, maxLength: 24 }),
  )
  .map(([pieces, ids]) =>
    [0, 1, 2].map((nth) => pieces.map((piece, at) => piece ?? ids[(nth * 8 + at) % ids.length] ?? "").join("")),
  );

test("a value is what the sanitiser makes of it, whatever came in the request and in those before", () => {
  const decoder = makeDecoder();
  fc.assert(
    fc.property(siblings, (values) => {
      for (const value of values) expectSanitized(decodeAll(decoder, [value]), [value]);
      expectSanitized(decodeAll(decoder, values), values);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["/users/7", "/users/42", "/users/{id}"],
  ["/a/{id}/b", "/a/deadbeef01/b", "/a/{id}/b"],
  ["/a/{id}", `/a/${JWT}`, "/a/{id}"],
  ["/a/{id}", `/a/7?token=${JWT}`, "/a/{id}"],
  ["bearer 123/5", "bearer 123/4567", "{id}"],
  ["basic+12/5", "basic+12/45678", "{id}"],
  ["x=/5", "token=/5", "{id}"],
  ["/a/x:1", "/a/x@1", "/a/{id}"],
])("after the path %j, %j is %j", (first, second, expected) => {
  const decoder = makeDecoder();
  decodeAll(decoder, [first]);
  decodeAll(decoder, [first]);
  const batch = decodeAll(decoder, [second]);
  expect(batch.strings[batch.attributeValues[KEEPS.indexOf("path")] ?? -1]).toBe(expected);
});

test("more values than are remembered are still what the sanitiser makes of them", () => {
  const decoder = makeDecoder();
  for (let round = 0; round < 14; round++) {
    const values = Array.from({ length: 500 }, (_, at) => `v-${"x".repeat(190)}-${round % 7}-${at}`);
    expectSanitized(decodeAll(decoder, values), values);
  }
});

test("a number and the text that reads like it are one string", () => {
  const values = [8080n, 70_000n, -1n, 2n ** 53n + 1n].flatMap((value) => [
    attribute("text", integer(3, value)),
    attribute("text", text(1, String(value))),
  ]);
  const batch = makeDecoder().decodeProtobuf(requestOf(IDS, ...values));
  expect(batch.strings).toEqual(["8080", "70000", "-1", "9007199254740993"]);
});

test("bytes that are no text are not taken for the text they are shown as", () => {
  const decoder = makeDecoder();
  const [shown, raw] = [text(1, "a\ufffd\ufffd\ufffd"), message(1, [0x61, 0xff, 0xff, 0xff])];
  for (const value of [raw, shown, raw, shown]) {
    expect(decoder.decodeProtobuf(requestOf(IDS, attribute("text", value))).strings).toEqual(["a\ufffd\ufffd\ufffd"]);
  }
});
