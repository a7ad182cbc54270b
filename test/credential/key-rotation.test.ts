import { expect, test } from "vitest";
import { type FingerprintKeys, fingerprintText, keyTag } from "../../src/credential/fingerprint.ts";
import { Fingerprinter } from "../../src/credential/fingerprinter.ts";

const OLD = { id: "k1", bytes: new Uint8Array(32).fill(1) };
const NEW = { id: "k2", bytes: new Uint8Array(32).fill(2) };
const ROTATED: FingerprintKeys = { ...NEW, older: [OLD] };
const ERASED: FingerprintKeys = { ...NEW, erasedIds: [OLD.id] };

/** A token's fingerprint as a process with these keys makes it, which knows what an earlier one had seen. */
function fingerprintOf(token: string, keys: FingerprintKeys, seen: readonly Uint32Array[] = []): Uint32Array {
  const fingerprinter = new Fingerprinter(keys);
  for (const words of seen) fingerprinter.remember(words);
  return fingerprinter.ofDigest(fingerprinter.digestOf(token));
}

const before = fingerprintOf("a token of before", OLD);

test("a rotation makes no known token a new one, and new ones are made with the new key", () => {
  expect(fingerprintOf("a token of before", ROTATED, [before])).toEqual(before);
  expect(fingerprintText(ROTATED, before)).toMatch(/^h1:k1:/);
  const after = fingerprintOf("a token of after", ROTATED, [before]);
  expect(after).toEqual(fingerprintOf("a token of after", NEW));
  expect(fingerprintText(ROTATED, after)).toMatch(/^h1:k2:/);
});

test("what was never seen under an older key is not made with it", () => {
  expect(fingerprintOf("a token of before", ROTATED)).toEqual(fingerprintOf("a token of before", NEW));
});

test("with its key erased a fingerprint can be linked with nothing, and still says which key had made it", () => {
  expect(fingerprintOf("a token of before", ERASED, [before])).not.toEqual(before);
  expect(new Fingerprinter(ERASED).ofToldFingerprint(`hmac-sha256:${OLD.id}:${"A".repeat(43)}`)).toBeNull();
  expect(fingerprintText(ERASED, before)).toMatch(/^h1:k1:/);
  expect(keyTag(OLD.id)).not.toBe(keyTag(NEW.id));
});
