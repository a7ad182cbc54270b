import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { explainCall } from "../src/explain-call.ts";
import type { ExplainOptions } from "../src/review/cli/options.ts";
import { writeBaseline } from "./support/collector-process.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const folder = scratchFolder();
const file = join(folder, "shop.yaml");

beforeAll(() => {
  writeBaseline(
    file,
    `services:
  web:
    calls:
      stock: { operations: ["GET /items/{id}"], token: { mode: own, audiences: [stock-api] } }
      mail: { operations: ["publish:orders"] }
  stock: {}
  mail: {}
forbidden:
  - { match: { caller: mail, callee: stock }, reason: "never" }
`,
  );
});

function explain(caller: string, callee: string, more: Partial<ExplainOptions> = {}) {
  return explainCall({ caller, callee, operation: null, audience: null, baseline: file, ...more });
}

test("a declared call names the line that declares it", async () => {
  expect(await explain("web", "stock", { operation: "GET /items/{id}", audience: "stock-api" })).toEqual({
    verdict: "declared",
    findings: [],
    lines: ["web -> stock GET /items/{id} is declared", `  ${file}:6:7: services.web.calls.stock`],
  });
  expect(await explain("web", "mail", { operation: "publish:orders" })).toMatchObject({ verdict: "declared" });
});

test.each<[string, [string, string, Partial<ExplainOptions>?]]>([
  ["undeclared-call", ["stock", "mail"]],
  ["undeclared-operation", ["web", "stock", { operation: "DELETE /items/{id}" }]],
  ["undeclared-audience", ["web", "stock", { operation: "GET /items/{id}", audience: "mail-api" }]],
  ["forbidden-call", ["mail", "stock"]],
  ["undeclared-egress", ["web", "api.stripe.com:443"]],
  ["undeclared-datastore", ["web", "db:postgresql/items"]],
])("%s is told with the place that decided", async (rule, [caller, callee, more]) => {
  const { verdict, findings, lines } = await explain(caller, callee, more);
  expect(verdict).toBe("drift");
  expect(findings.map((finding) => finding.rule)).toContain(rule);
  expect(lines.join("\n")).toContain(`${rule} (`);
  expect(lines.join("\n")).toMatch(new RegExp(`  ${file}:\\d+:\\d+: `, "u"));
});

test("without a baseline nothing is checked, and that is said", async () => {
  const baseline = join(folder, "missing");
  expect(await explain("web", "stock", { baseline })).toEqual({
    verdict: "declared",
    findings: [],
    lines: [`web -> stock: no baseline in ${baseline}, so nothing is checked`],
  });
});
