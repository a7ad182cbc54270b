import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PROBLEM_LEVELS } from "../../src/declare/problem-codes.ts";

test("the reference lists every code with its level, and no other", () => {
  const rows = readFileSync("baselines/README.md", "utf8").matchAll(/^\| (BL\d{3}) \| (\w+) \|/gmu);
  expect([...rows].map(([, code, level]) => [code, level])).toEqual(Object.entries(PROBLEM_LEVELS));
});
