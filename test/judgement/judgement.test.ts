import { expect, test } from "vitest";
import { CASES } from "./cases.ts";
import { runCase } from "./run-case.ts";

test("no two cases bear one name", () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

test.each(CASES)("$name", async (one) => {
  expect(await runCase(one)).toEqual([...one.raises].sort());
});
