import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WANTED_ATTRIBUTES } from "../../src/assemble/attribute-names.ts";
import { CREDENTIAL_ATTRIBUTES } from "../../src/credential/credential-attributes.ts";
import { decodeBatch, encodeBatch } from "../../src/record/batch-codec.ts";
import { anyRequest } from "../support/any-request.ts";
import { createDecoder } from "../support/assemble.ts";
import { encodeRequest } from "../support/otlp.ts";

test("a batch comes out of the journal as it went in", () => {
  const decoder = createDecoder();
  const names = [...CREDENTIAL_ATTRIBUTES, ...WANTED_ATTRIBUTES.map(({ name }) => name)];
  fc.assert(
    fc.property(anyRequest(names), (request) => {
      const batch = decoder.decodeProtobuf(encodeRequest(request));
      expect(decodeBatch(encodeBatch(batch))).toEqual(batch);
    }),
    { numRuns: 300 },
  );
});

test("a batch is read from wherever in memory its row stands", () => {
  const batch = createDecoder().decodeProtobuf(new Uint8Array());
  const row = encodeBatch(batch);
  const shifted = Buffer.concat([Buffer.of(0), row]).subarray(1);
  expect(decodeBatch(shifted)).toEqual(batch);
});

test("a row from before rows were compressed is read as well", () => {
  const batch = createDecoder().decodeProtobuf(new Uint8Array());
  expect(decodeBatch(zstdDecompressSync(encodeBatch(batch)))).toEqual(batch);
});

test("a row of another layout is not taken for a batch", () => {
  const row = zstdDecompressSync(encodeBatch(createDecoder().decodeProtobuf(new Uint8Array())));
  row[0] = 99;
  expect(() => decodeBatch(row)).toThrow("layout");
});
