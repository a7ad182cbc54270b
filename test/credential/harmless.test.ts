import fc from "fast-check";
import { expect, test } from "vitest";
import type { OwnFacts } from "../../src/credential/apply-own-facts.ts";
import type { OwnFact } from "../../src/credential/credential-attributes.ts";
import type { CredentialValue } from "../../src/credential/credential-facts.ts";
import { Fingerprinter } from "../../src/credential/fingerprinter.ts";
import { isHarmless, scrubCredentials, toVisibleLine } from "../../src/credential/scrub-text.ts";
import { holdsNoSecret, toldKey } from "../../src/credential/told-key.ts";
import { KEY } from "./credential-fixtures.ts";

const piece = fc.oneof(
  fc.constantFrom("eyJ", "AKIA", "ASIA", "ghp_", "github_pat_", "glpat-", "xoxb-", "sk_live_", "AIza", "ya29.", "hvs."),
  fc.constantFrom("bearer", "basic", "token", "password", "://", "%20", "%2E", "-----BEGIN PRIVATE KEY-----"),
  fc.constantFrom("ABCDEFGHIJKLMNOP", "0123456789abcdef", "/v1/", "orders", "a.b", "{id}"),
  fc.string({ unit: "binary", maxLength: 3 }),
  fc.string({ maxLength: 12 }),
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

test("scrubbing changes nothing in a harmless text", () => {
  fc.assert(
    fc.property(text, (value) => {
      fc.pre(isHarmless(value));
      expect(scrubCredentials(value)).toBe(value);
      expect(toVisibleLine(value)).toBe(value.slice(0, 256));
    }),
    { numRuns: 5000 },
  );
});

test.each(["GET", "orders.svc.cluster.local", "/v1/carts/{id}", "", "eyJ", "10.0.0.1:8080"])(
  "%j is harmless",
  (value) => {
    expect(isHarmless(value)).toBe(true);
  },
);

const fact = fc.constantFrom<OwnFact>("issuer", "client", "audiences", "expiresAt");
const told = fc.constantFrom<CredentialValue>(
  "",
  "1",
  1,
  true,
  "true",
  "a",
  "1:a",
  "a;client=1:b",
  "b",
  ["a", "b"],
  ["a,1:b"],
  [],
);
const own = fc
  .uniqueArray(fc.tuple(fact, told), { selector: ([name]) => name })
  .map((entries): OwnFacts => new Map(entries));

test("only what was told alike has one key", () => {
  fc.assert(
    fc.property(own, own, (one, other) => {
      expect(toldKey(one) === toldKey(other)).toBe(JSON.stringify([...one]) === JSON.stringify([...other]));
    }),
    { numRuns: 5000 },
  );
});

const DIGEST = `sha256:${"A".repeat(43)}`;

test.each<[holds: boolean, facts: [OwnFact, CredentialValue][]]>([
  [true, [["fingerprint", DIGEST]]],
  [
    true,
    [
      ["issuer", "https://id.example"],
      ["audiences", ["orders", "cart"]],
      ["expiresAt", 1_700_000_000],
    ],
  ],
  [
    true,
    [
      ["scheme", "Bearer"],
      ["role", "access_token"],
      ["format", "jwt"],
      ["type", "at+jwt"],
      ["verified", "true"],
    ],
  ],
  [false, [["fingerprint", "s3cr3t-0123456789abcdef"]]],
  [false, [["scheme", "s3cr3t-0123456789abcdef"]]],
  [false, [["type", "s3cr3t-0123456789abcdef"]]],
  [false, [["expiresAt", "s3cr3t-0123456789abcdef"]]],
  [false, [["client", "ghp_0123456789abcdefghij"]]],
  [false, [["audiences", ["orders", "ghp_0123456789abcdefghij"]]]],
  [
    false,
    [
      ["fingerprint", DIGEST],
      ["scheme", "basic"],
    ],
  ],
  [
    false,
    [
      ["fingerprint", DIGEST],
      ["role", "api_key"],
    ],
  ],
  [
    false,
    [
      ["fingerprint", DIGEST],
      ["format", "key"],
    ],
  ],
])("%j: nothing told is a secret in %j", (holds, facts) => {
  expect(holdsNoSecret(new Map(facts), new Fingerprinter(KEY))).toBe(holds);
});
