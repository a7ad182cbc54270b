import fc from "fast-check";
import { expect, test } from "vitest";
import { CREDENTIAL_ATTRIBUTES } from "../../src/credential/credential-attributes.ts";
import { CredentialReader, type CredentialValue } from "../../src/credential/credential-reader.ts";
import { sanitizeValue } from "../../src/credential/sanitize-value.ts";
import type { Keep } from "../../src/model/span-batch.ts";
import { KEY, readSpan, sign } from "./credential-fixtures.ts";

const KEEPS: readonly Keep[] = ["text", "host", "path", "url", "query", "user-agent"];
const CANARY = await sign({ iss: "https://id.example", aud: "orders", sub: "canary-subject" });
const SIGNATURE = CANARY.split(".")[2] ?? "";

/** Pieces that steer into every branch, between arbitrary ones. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  fc.constantFrom(
    "Bearer ",
    "Basic ",
    "/",
    "?",
    "#",
    "://",
    "https://",
    "@",
    ":",
    ".",
    ",",
    " ",
    "\n",
    "%",
    "%2E",
    "eyJ",
  ),
  fc.constantFrom(
    "SELECT * FROM ",
    "'",
    '"',
    "/*",
    "--",
    "{",
    "[REDACTED]",
    "token=",
    "[",
    "-----BEGIN PRIVATE KEY-----",
  ),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const value: fc.Arbitrary<CredentialValue> = fc.oneof(
  text,
  fc.array(text, { maxLength: 3 }),
  fc.boolean(),
  fc.double(),
  fc.constantFrom("Bearer e30.e30.", "eyJhbGciOiJub25lIn0.bnVsbA.", `Bearer ${CANARY}`),
);
const attributes = fc.dictionary(fc.constantFrom(...CREDENTIAL_ATTRIBUTES), value, { maxKeys: 6 });

/** Fails where a text holds the token, or 12 characters in a row of its signature, in any case. */
function expectNoCanary(output: string): void {
  const folded = output.toLowerCase();
  for (let start = 0; start + 12 <= SIGNATURE.length; start++) {
    if (!folded.includes(SIGNATURE.slice(start, start + 12).toLowerCase())) continue;
    expect.unreachable(`the canary's signature, from ${start} on, stands in ${output}`);
  }
}

test("no attributes make the reader throw, and equal profiles are the same object", () => {
  const reader = new CredentialReader(KEY);
  const profiles = new Map<string, unknown>();
  fc.assert(
    fc.property(attributes, (span) => {
      const facts = readSpan(reader, span);
      if (facts === null) return;
      const key = JSON.stringify(facts.profile);
      expect(profiles.get(key) ?? facts.profile).toBe(facts.profile);
      profiles.set(key, facts.profile);
    }),
    { numRuns: 2000 },
  );
});

test("reading twice gives the same facts, and so does a fresh reader", () => {
  const reader = new CredentialReader(KEY);
  fc.assert(
    fc.property(attributes, (span) => {
      const first = readSpan(reader, span);
      expect(readSpan(reader, span)).toEqual(first);
      expect(readSpan(new CredentialReader(KEY), span)).toEqual(first);
    }),
    { numRuns: 300 },
  );
});

test("no value makes the sanitizer throw or keep more than one visible line of 256 characters", () => {
  fc.assert(
    fc.property(fc.constantFrom(...KEEPS), text, (keep, input) => {
      const output = sanitizeValue(keep, input);
      expect(output.length).toBeLessThanOrEqual(256);
      expect(output).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 3000 },
  );
});

test("a token among other text never passes the sanitizer", () => {
  fc.assert(
    fc.property(fc.constantFrom(...KEEPS), text, text, (keep, before, after) => {
      expectNoCanary(sanitizeValue(keep, before + CANARY + after));
    }),
    { numRuns: 3000 },
  );
});

test("a token in any credential attribute never stands in the facts", () => {
  const reader = new CredentialReader(KEY);
  const name = fc.constantFrom(...CREDENTIAL_ATTRIBUTES);
  fc.assert(
    fc.property(name, attributes, text, text, (where, span, before, after) => {
      const told = before + CANARY + after;
      expectNoCanary(JSON.stringify(readSpan(reader, { ...span, [where]: told })));
      expectNoCanary(JSON.stringify(readSpan(reader, { ...span, [where]: [CANARY, told] })));
      expectNoCanary(JSON.stringify(readSpan(reader, { ...span, [where]: CANARY })));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  "a",
  "eyJ",
  "eyJaaaaaaaa.",
  "%2E",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN ",
  "://",
  "://a",
  "Bearer ",
  " ",
  "/",
  "{",
  "[",
  "'",
  '"',
  "`a",
  "/*",
  "FROM ",
  "SELECT (",
  "token=",
  "token: ",
  "my-secret.",
  "authorization: ",
  "a:b=",
  "a:b@",
  "\\",
  "eyJaaaaaaaa%252E",
  "ZXlK",
  "65794a",
  "@",
  ":",
  "\u0000",
])("64 KiB of %j is dealt with in no time", (unit) => {
  const reader = new CredentialReader(KEY);
  const long = unit.repeat(Math.ceil(65_536 / unit.length));
  const startMs = performance.now();
  for (const prefix of ["", "SELECT x FROM ", "https://"]) {
    for (const keep of KEEPS) sanitizeValue(keep, prefix + long);
  }
  for (const name of CREDENTIAL_ATTRIBUTES) readSpan(reader, { [name]: long });
  readSpan(reader, { [CREDENTIAL_ATTRIBUTES[0] ?? ""]: `Bearer ${long.slice(0, 16_000)}` });
  expect(performance.now() - startMs).toBeLessThan(2000);
});
