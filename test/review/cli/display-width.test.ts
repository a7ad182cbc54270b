import { expect, test } from "vitest";
import { displayWidth, truncate } from "../../../src/review/cli/display-width.ts";

test("a text takes as many columns as a terminal gives it", () => {
  for (const [text, width] of [
    ["", 0],
    ["checkout", 8],
    ["Zürich…", 7],
    ["e\u0301", 1],
    ["決済", 4],
    ["결제", 4],
    ["Ａ", 2],
    ["🛒", 2],
  ] as const) {
    expect([text, displayWidth(text)]).toEqual([text, width]);
  }
});

test("a cut text says so and fits", () => {
  expect(truncate("checkout", 8)).toBe("checkout");
  expect(truncate("checkout", 7)).toBe("checko…");
  expect(truncate("決済サービス", 7)).toBe("決済サ…");
  expect(truncate("決済サービス", 6)).toBe("決済…");
});
