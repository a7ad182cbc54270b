import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RULES } from "../../src/judge/rules.ts";

const PAGES = new URL("../../docs/rules/", import.meta.url);

test("every rule has a page, and every page a rule", () => {
  const pages = readdirSync(PAGES).filter((name) => name !== "README.md");
  expect(pages.sort()).toEqual(RULES.map((rule) => `${rule.id}.md`).sort());
});

test.each(RULES)("the page of $id says its severity, its ways out and its mapping", (rule) => {
  const page = readFileSync(new URL(`${rule.id}.md`, PAGES), "utf8");
  expect(page).toContain(`Severity: ${rule.severity}. Ways out: ${rule.waysOut.join(", ")}.`);
  for (const ids of Object.values(rule.frameworks)) expect(page).toContain(`| ${ids.join(", ") || "none"} |`);
});

test("the list of rules gives each rule's severity and summary", () => {
  const list = readFileSync(new URL("README.md", PAGES), "utf8");
  const rows = list.split("\n").filter((line) => line.startsWith("| ["));
  const expected = RULES.map(({ id, severity, summary }) => `| [${id}](${id}.md) | ${severity} | ${summary} |`);
  expect(rows.sort()).toEqual(expected.sort());
});
