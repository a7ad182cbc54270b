import { expect, test } from "vitest";
import { CredentialReader } from "../../src/credential/credential-reader.ts";
import { Decoder } from "../../src/decode/decoder.ts";
import type { SpanBatch } from "../../src/model/span-batch.ts";
import { encodeJsonRequest, encodeRequest, type OtlpAttributes } from "../support/otlp.ts";
import { makeDecoder } from "./decoding.ts";
import { attribute, IDS, message, requestOf, TRACE_ID, text } from "./wire.ts";

const HEADER = "http.request.header.authorization";
const TOKEN = "s3cr3t-0123456789abcdef0123456789";

function request(...spans: readonly OtlpAttributes[]) {
  const written = spans.map((attributes, at) => ({ traceId: TRACE_ID, spanId: `00000000000000a${at}`, attributes }));
  return { resourceSpans: [{ scopeSpans: [{ spans: written }] }] };
}

function decode(...spans: readonly OtlpAttributes[]): SpanBatch {
  return makeDecoder().decodeProtobuf(encodeRequest(request(...spans)));
}

function fingerprintOf(batch: SpanBatch, row: number): readonly number[] {
  return [...batch.credentials.fingerprints.subarray(row * 4, row * 4 + 4)];
}

test("a credential becomes a row of facts under its span", () => {
  const batch = decode({ k: "none" }, { k: "some", [HEADER]: [`Bearer ${TOKEN}`] }, {});
  expect([...batch.credentialStarts]).toEqual([0, 0, 1, 1]);
  expect(batch.credentials.profiles).toMatchObject([{ slot: "authorization", scheme: "bearer", quality: "full" }]);
  expect([...batch.credentials.profileIndexes]).toEqual([0]);
  expect(fingerprintOf(batch, 0)).not.toEqual([0, 0, 0, 0]);
  expect([...batch.credentials.expiresAtS]).toEqual([Number.NaN]);
});

test("equal credentials have equal fingerprints and one profile, whichever way they are written", () => {
  const batch = decode(
    { [HEADER]: `Bearer ${TOKEN}` },
    { [HEADER]: [`Bearer ${TOKEN}`] },
    { [HEADER]: `Bearer other-${TOKEN}` },
  );
  expect(fingerprintOf(batch, 1)).toEqual(fingerprintOf(batch, 0));
  expect(fingerprintOf(batch, 2)).not.toEqual(fingerprintOf(batch, 0));
  expect(batch.credentials.profiles.length).toBe(1);
});

test("numbers, booleans and lists of facts told by the application arrive", () => {
  const batch = decode({
    "trustdrift.credential.authorization.scheme": "bearer",
    "trustdrift.credential.authorization.verified": true,
    "trustdrift.credential.authorization.token.audiences": ["orders", "cart"],
    "trustdrift.credential.authorization.token.expires_at": 1_700_000_000,
  });
  expect([...batch.credentials.expiresAtS]).toEqual([1_700_000_000]);
  expect(batch.credentials.profiles).toMatchObject([{ isVerified: true, audiences: ["cart", "orders"] }]);
});

test("no string of a batch holds a credential, not even when a room asks for its attribute", () => {
  const credentials = new CredentialReader({ id: "test", bytes: new Uint8Array(32).fill(7) });
  const wanted = [{ name: HEADER, scope: "span", keep: "text" }] as const;
  const decoder = new Decoder({ wanted, credentials });
  const body = request({ [HEADER]: `Bearer ${TOKEN}` });
  for (const batch of [decoder.decodeProtobuf(encodeRequest(body)), decoder.decodeJson(encodeJsonRequest(body))]) {
    expect(batch.strings).toEqual([]);
    expect(batch.attributeKeys.length).toBe(0);
    expect(batch.credentials.profileIndexes.length).toBe(1);
    expect(JSON.stringify(batch)).not.toContain("s3cr3t");
  }
});

test("what a rejected or cut-off span presented is not left to the next", () => {
  const credential = attribute(HEADER, text(1, `Bearer ${TOKEN}`));
  const decoder = makeDecoder();
  const bytes = Uint8Array.from(message(1, message(2, message(2, credential), message(2, IDS))));
  expect([...decoder.decodeProtobuf(bytes).credentialStarts]).toEqual([0, 0]);
  expect(() => decoder.decodeProtobuf(requestOf(IDS, credential, [255]))).toThrowError("cannot decode protobuf body");
  const scheme = attribute("trustdrift.credential.authorization.scheme", text(1, "dpop"));
  expect(decoder.decodeProtobuf(requestOf(IDS, scheme)).credentials.profiles).toMatchObject([{ scheme: "dpop" }]);
});

test("thousands of credentials fit", () => {
  const spans = Array.from({ length: 2000 }, (_, at) =>
    message(2, IDS, attribute(HEADER, text(1, `Bearer ${TOKEN}${at}`))),
  );
  const batch = makeDecoder().decodeProtobuf(Uint8Array.from(message(1, message(2, ...spans))));
  expect(batch.credentialStarts[2000]).toBe(2000);
  expect(new Set(Array.from({ length: 2000 }, (_, row) => fingerprintOf(batch, row).join())).size).toBe(2000);
});
