import { expect, test } from "vitest";
import { requestDigest } from "../src/request-digest.ts";
import { createDecoder } from "./support/assemble.ts";
import { drawRequest } from "./support/draw.ts";
import { encodeRequest } from "./support/otlp.ts";

function digestOf(drawing: string): string {
  const bytes = encodeRequest(drawRequest(drawing));
  return requestDigest(bytes, createDecoder().decodeProtobuf(bytes));
}

test("a request that is sent again has the same digest", () => {
  expect(digestOf("web C#1 {url.path=/cart}")).toBe(digestOf("web C#1 {url.path=/cart}"));
});

test("requests that differ in anything have other digests, also where their spans have the same ids", () => {
  const digests = [
    "web C#1 {url.path=/cart}",
    "web C#1 {url.path=/card}",
    "web S#1 {url.path=/cart}",
    "shop C#1 {url.path=/cart}",
  ];
  expect(new Set(digests.map(digestOf)).size).toBe(digests.length);
});
