import fc from "fast-check";
import { expect, test } from "vitest";
import { isHarmless, scrubCredentials, toVisibleLine } from "../../src/model/scrub-text.ts";

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
