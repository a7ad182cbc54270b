import { expect, test } from "vitest";
import { reviewDeclarations } from "../../src/judge/review-declarations.ts";
import { type SeenEdge, sumUpEdges } from "../../src/judge/seen-edges.ts";
import type { Finding } from "../../src/model/finding.ts";
import { contextOf, EVIDENCE, external, service, shapeOf, WITHOUT_BASELINE } from "./support.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 30);
const SHOP = contextOf(`
settings: { staleAfter: 7d }
services:
  web: { owner: team-web, calls: { orders: {}, "st*": {} } }
  orders: {}
  stock: {}
owners: { team-web: { contact: web@shop.example } }
exceptions:
  - { id: EX-1, match: { rule: undeclared-call, caller: orders }, reason: move, owner: team-web, created: "2026-05-01", expires: "2026-07-15" }
`);

const seen = (caller: string, callee: string, daysAgo: number): SeenEdge => ({
  environment: "prod",
  caller: service(caller),
  callee: service(callee),
  lastSeenMs: NOW_MS - daysAgo * DAY_MS,
});

function review(edges: readonly SeenEdge[], sinceDays: number, usedDaysAgo = 0): readonly Finding[] {
  const usedMs = NOW_MS - usedDaysAgo * DAY_MS;
  return reviewDeclarations({ edges, sinceMs: NOW_MS - sinceDays * DAY_MS }, () => usedMs, { ...SHOP, atMs: NOW_MS });
}

test("a stale declaration names caller, pattern and line, and no callee where the pattern means many", () => {
  expect(review([seen("web", "orders", 1)], 8)).toMatchObject([
    {
      rule: "stale-declaration",
      severity: "info",
      environment: "(any)",
      caller: "web",
      callee: null,
      keyFields: ["web", "st*"],
      owner: "team-web",
      summary: "web declares a call to st* that was not seen for 7 days or more",
      decidedBy: { says: "services.web.calls.st*", position: { file: "shop.yaml" } },
      confidence: "low",
    },
  ]);
  expect(review([seen("web", "stock", 1)], 8)).toMatchObject([{ callee: "orders", keyFields: ["web", "orders"] }]);
});

test("an unused exception names its id and its rule", () => {
  const edges = [seen("web", "orders", 1), seen("web", "stock", 1)];
  expect(review(edges, 9, 8)).toMatchObject([
    {
      rule: "exception-unused",
      keyFields: ["EX-1"],
      summary: "EX-1, an exception to undeclared-call, has held nothing back for long",
      decidedBy: { says: "exception EX-1", position: { file: "shop.yaml" } },
    },
  ]);
  expect(review(edges, 9, 6)).toEqual([]);
});

test("a blind spot names the service and the environment that it was called in", () => {
  const unseen = { ...seen("web", "", 1), callee: external("orders:8080") };
  expect(review([seen("web", "stock", 1), unseen], 2)).toMatchObject([
    { rule: "blind-spot", environment: "prod", caller: null, callee: "orders", keyFields: ["orders"] },
  ]);
});

test("without a baseline there is nothing to review", () => {
  const edges = { edges: [seen("web", "orders", 1)], sinceMs: 0 };
  expect(reviewDeclarations(edges, () => 0, { ...WITHOUT_BASELINE, atMs: NOW_MS })).toEqual([]);
});

test("shapes sum up to edges with the latest time; those without hops or without a time say nothing", () => {
  const known = (key: string, total: number, lastSeenMs: number) => ({
    ...{ shape: shapeOf({ key }), evidence: EVIDENCE, confidence: "paired" as const, findings: null },
    ...{ total, firstSeenMs: lastSeenMs, lastSeenMs },
  });
  const edge = { environment: "prod", caller: service("checkout"), callee: service("payments") };
  expect(sumUpEdges([known("a", 1, 20), known("b", 2, 30), known("c", 3, 10)])).toEqual({
    edges: [{ ...edge, lastSeenMs: 30 }],
    sinceMs: 10,
  });
  expect(sumUpEdges([known("a", 0, 20), known("b", 1, 0)])).toEqual({ edges: [], sinceMs: Number.POSITIVE_INFINITY });
});
