import { expect, test } from "vitest";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";

/** The rewritten name; null where the rule does not match. */
function rewrite(match: string, to: string, name: string): string | null {
  const text = JSON.stringify({ apiVersion: "trustdrift/v1", kind: "Baseline", normalize: [{ match, to }] });
  const { baseline, problems } = parseBaseline([{ path: "b.yaml", text }]);
  if (baseline === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return baseline.normalize[0]?.rewrite(name) ?? null;
}

test.each<[match: string, to: string, name: string, stable: string | null]>([
  ["{svc}-pr-{n:int}", "{svc}", "cart-pr-12", "cart"],
  ["{svc}-pr-{n:int}", "{svc}", "cart-pr-x", null],
  ["{svc}-pr-{n:int}", "{svc}", "cart-pr-", null],
  ["{svc}-pr-{n:int}", "{svc}", "-pr-1", null],
  ["{svc}-pr-{n:int}", "{svc}", "a-pr-1-pr-2", "a-pr-1"],
  ["{job}-{ts:time}", "{job}", "night-report-28392840", "night-report"],
  ["{job}-{ts:time}", "{job}", "night-report-2839284", null],
  ["{svc}-{rs:hex}-{pod}", "{svc}", "my-cart-7d9f8b6c5d-x2x4z", "my-cart"],
  ["{svc}-{rs:hex}-{pod}", "{svc}", "my-cart-defaced-x2x4z", null],
  ["{svc}-{rs:hex}-{pod}", "{svc}", "my-feedfeed-accede", null],
  ["{svc}-{rs:hex}", "{svc}", "cart-7d9f8b6c5dz", null],
  ["{svc}-{id:uuid}", "{svc}", "cart-0b6d1c0e-2e40-4b0a-9d8e-3a5f0c7f1a2b", "cart"],
  ["{svc}-{id:uuid}", "{svc}", "cart-0b6d1c0e-2e40-4b0a-9d8e", null],
  ["{svc}-pr-{n:int}", "preview-{svc}", "shop/cart-pr-12", "shop/preview-cart"],
  ["{ns}-pr-{n:int}/{svc}", "{ns}/{svc}", "shop-pr-3/cart", "shop/cart"],
  ["{ns}-pr-{n:int}/{svc}", "{ns}/{svc}", "cart", null],
  ["job.{n:int}", "job", "jobx1", null],
  ["{toString:int}x", "{toString}", "12x", "12"],
  ["worker-{n:int}", "$&-$1", "worker-7", "$&-$1"],
])("%s to %s makes of %s: %s", (match, to, name, stable) => {
  expect(rewrite(match, to, name)).toBe(stable);
});

test("a name made to be slow is not", () => {
  const startMs = performance.now();
  expect(rewrite("{a}-{b}-{c}-{n:int}", "{a}", `${"-".repeat(256)}x`)).toBeNull();
  expect(performance.now() - startMs).toBeLessThan(2_000);
});
