import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedCache } from "../../src/credential/bounded-cache.ts";
import { CredentialReader } from "../../src/credential/credential-reader.ts";
import {
  fingerprintText,
  formatFingerprintKeys,
  keyTag,
  parseFingerprintKeys,
} from "../../src/credential/fingerprint.ts";
import { OperatingError } from "../../src/model/operating-error.ts";
import { HEADER, KEY, RFC_TOKEN, readSpan } from "./credential-fixtures.ts";

test("a fingerprint is the first 120 bits of the HMAC of the digest, and the byte that tells the key", () => {
  const words = readSpan(new CredentialReader(KEY), { [HEADER]: `Bearer ${RFC_TOKEN}` })?.fingerprint ?? [];
  const digest = createHash("sha256").update(RFC_TOKEN, "ascii").digest();
  const keyed = createHmac("sha256", KEY.bytes).update(digest).digest().subarray(0, 16);
  keyed[15] = keyTag("k1");
  expect(fingerprintText(KEY, words)).toBe(`h1:k1:${keyed.toString("base64url")}`);
});

test("a text names its key and holds 22 characters", () => {
  expect(fingerprintText({ ...KEY, id: "2026-a" }, [0xffffffff, 0, 0, 1])).toBe("h1:2026-a:_____wAAAAAAAAAAAAAAAQ");
});

test("formatting and parsing a key is the identity", () => {
  const ids = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);
  fc.assert(
    fc.property(ids, fc.uint8Array({ minLength: 32, maxLength: 32 }), (id, bytes) => {
      expect(parseFingerprintKeys(formatFingerprintKeys({ id, bytes }))).toEqual({ id, bytes: new Uint8Array(bytes) });
    }),
  );
});

test.each([
  "",
  "k1",
  `k1 ${"A".repeat(42)}`,
  `k1 ${"A".repeat(44)}`,
  `k:1 ${"A".repeat(43)}`,
  `k1 ${"A".repeat(43)}\n\nk2 ${"B".repeat(43)}`,
  `k1 erased\nk2 ${"B".repeat(43)}`,
  "k1 erased",
])("a key file of %j is refused without quoting it", (text) => {
  try {
    parseFingerprintKeys(text);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(OperatingError);
    expect(error).toMatchObject({ code: "bad-argument" });
    expect(String(error)).not.toContain("AAAA");
  }
});

test("a bounded cache keeps what is used and forgets the rest", () => {
  const cache = new BoundedCache<number>(4);
  cache.set("used", 1);
  for (let index = 0; index < 100; index++) {
    cache.set(`other ${index}`, index);
    expect(cache.get("used")).toBe(1);
  }
  expect(cache.get("other 0")).toBeUndefined();
});
