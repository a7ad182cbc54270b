import fc from "fast-check";
import { expect, test } from "vitest";
import { alertKey } from "../../src/alert/alert-key.ts";
import type { Decision } from "../../src/model/alert.ts";
import { type FindingHit, SEVERITIES } from "../../src/model/finding.ts";
import { DAY_MS, Desk, finding, hit } from "./samples.ts";

const name = fc.constantFrom("a", "b", "a,b", '"', "", "__proto__");
const identity = fc.record({
  rule: fc.constantFrom("undeclared-call", "token-relayed"),
  environment: name,
  keyFields: fc.array(fc.oneof(name, fc.array(name, { maxLength: 2 })), { maxLength: 3 }),
}) as fc.Arbitrary<{ rule: "undeclared-call"; environment: string; keyFields: string[] }>;

test("findings have equal keys if and only if rule, environment and key fields are equal", () => {
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      const areEqual = JSON.stringify(one) === JSON.stringify(other);
      expect(alertKey(finding(one)) === alertKey(finding(other))).toBe(areEqual);
      expect(alertKey(finding({ ...one, summary: "x", severity: "low", caller: null }))).toBe(alertKey(finding(one)));
      expect(alertKey(finding(one))).toMatch(/^v1:[a-z2-7]{26}$/u);
    }),
  );
});

const someHit: fc.Arbitrary<FindingHit> = fc
  .record({
    caller: fc.integer({ min: 0, max: 30 }),
    count: fc.integer({ min: -2, max: 3 }),
    severity: fc.constantFrom(...SEVERITIES),
    firstSeenMs: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ caller, severity, ...rest }) =>
    hit({ finding: finding({ severity, keyFields: [`caller-${caller}`, "payments"] }), ...rest }),
  );

test("the order of the hits of one step changes no count, status or severity", () => {
  // Long enough for the places of one rule and callee to run out.
  const hits = fc.array(someHit, { maxLength: 60, size: "max" });
  const orders = fc
    .tuple(hits, hits)
    .chain(([before, now]) =>
      fc.tuple(
        fc.constant(before),
        fc.constant(now),
        fc.shuffledSubarray(now, { minLength: now.length, maxLength: now.length }),
      ),
    );
  fc.assert(
    fc.property(orders, ([before, now, shuffled]) => {
      const outcome = (hits: readonly FindingHit[]) => {
        const desk = new Desk();
        desk.apply(...before);
        return desk
          .apply(...hits)
          .map(({ key, count, status, isRegression, finding: { severity } }) =>
            [key, count, status, isRegression, severity].join(),
          )
          .sort();
      };
      expect(outcome(shuffled)).toEqual(outcome(now));
    }),
  );
});

type Move = { readonly kind: "apply"; readonly hits: FindingHit[] } | { readonly kind: "wait" | "reload" } | Decide;
type Decide = { readonly kind: "decide"; readonly decision: Decision; readonly target: number };

const decision: fc.Arbitrary<Decision> = fc.constantFrom(
  { action: "acknowledge", untilMs: null, reason: null },
  { action: "resolve", reason: null },
  { action: "dismiss", reason: "why not" },
  { action: "reopen", reason: null },
);
const someMove: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant("apply" as const), hits: fc.array(someHit, { maxLength: 8 }) }),
  fc.record({ kind: fc.constantFrom("wait" as const, "reload" as const) }),
  fc.record({ kind: fc.constant("decide" as const), decision, target: fc.integer({ min: 1, max: 8 }) }),
);

function play(desk: Desk, step: Move): void {
  if (step.kind === "apply") desk.apply(...step.hits.map((one) => ({ ...one, lastSeenMs: desk.nowMs })));
  if (step.kind === "wait") desk.wait(3 * DAY_MS);
  if (step.kind === "reload") desk.keep(desk.book.reconsider((alert) => alert.count > 1, desk.context));
  if (step.kind !== "decide") return;
  const alert = desk.book.get(`ID-${String(step.target).padStart(4, "0")}`);
  const isOpen = alert?.status === "open" || alert?.status === "acknowledged";
  const fits = step.decision.action === "reopen" ? alert?.status !== "open" : isOpen;
  if (alert !== null && fits) desk.decide(step.decision, alert.id);
}

test("whatever happens, the history of every alert leads to its status", () => {
  fc.assert(
    fc.property(fc.array(someMove, { maxLength: 30 }), (moves) => {
      const desk = new Desk();
      for (const step of moves) play(desk, step);
      for (const id of new Set(desk.audit.map((row) => row.alertId))) {
        expect(desk.replay(id)).toBe(desk.alert(id).status);
        expect(desk.alert(id).count).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
