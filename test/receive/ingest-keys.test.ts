import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { IngestKeys } from "../../src/receive/ingest-keys.ts";

const digest = (key: string): Buffer => hash("sha256", key, "buffer");
const KEYS = new IngestKeys([
  { id: "a", digest: digest("one") },
  { id: "b", digest: digest("two") },
  { id: "b", digest: digest("three") },
]);

test.each([
  ["Bearer one", "a"],
  ["bearer two", "b"],
  ["BEARER   three", "b"],
])("%j is a key", (authorization, id) => {
  expect(KEYS.identify(authorization)).toBe(id);
});

test.each([
  "",
  "one",
  "Bearer",
  "Bearer ",
  "Bearer four",
  "Bearer one two",
  "Basic one",
  "Bearer one,one",
  " Bearer one",
])("%j is none, and is not repeated", (authorization) => {
  expect(() => KEYS.identify(authorization)).toThrow(
    expect.objectContaining({
      code: "unauthenticated",
      message: "expected authorization to be Bearer and an ingest key known here",
    }),
  );
});

test("without keys nobody is known, and a digest is no key", () => {
  expect(() => new IngestKeys([]).identify("Bearer one")).toThrow("expected authorization");
  expect(() => KEYS.identify(`Bearer ${hash("sha256", "one")}`)).toThrow("expected authorization");
});

test("every digest is compared, whichever it is, and in constant time", () => {
  const source = readFileSync("src/receive/ingest-keys.ts", "utf8");
  const [, body = ""] = /^ {2}#find\(.*?\{\n(.*?)\n {2}\}/msu.exec(source) ?? [];
  expect(body).toContain("timingSafeEqual(key.digest, digest)");
  expect(body.match(/return/gu)).toHaveLength(1);
  expect(body).not.toMatch(/break|===|\.equals|\.find\(/u);
});
