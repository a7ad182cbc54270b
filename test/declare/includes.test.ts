import { expect, test } from "vitest";
import { formatProblem } from "../../src/declare/format-problem.ts";
import { compileInclude, readIncludes } from "../../src/declare/include-pattern.ts";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";

const HEADER = "apiVersion: trustdrift/v1\nkind: Baseline\n";

/** Each file is a path and the entries of its `include`. */
function checkProblems(files: Readonly<Record<string, string>>, expected: readonly string[]): void {
  const read = Object.entries(files).map(([path, include]) => ({
    path,
    text: `${HEADER}${include === "" ? "" : `include: [${include}]\n`}`,
  }));
  expect(parseBaseline(read).problems.map(formatProblem)).toEqual(expected);
}

test("files that are there are included, in folders below too", () => {
  checkProblems({ "b/shop.yaml": '"teams/*.yaml", ./one.yml', "b/teams/pay.yaml": "", "b/one.yml": "" }, []);
  checkProblems({ "shop.yaml": '"**/*.yaml"', "a/b/c.yaml": "" }, []);
});

test("a file that is not there, is hidden, stands elsewhere or is no YAML answers to no include", () => {
  const none = 'b/shop.yaml:3:1: error BL041 no .yaml or .yml file answers to "teams/*"';
  const files = { "teams/x.yaml": "", "b/teams/.x.yaml": "", "b/teams/x.txt": "", "b/teams/deep/x.yaml": "" };
  checkProblems({ "b/shop.yaml": '"teams/*"', ...files }, [none]);
});

test("an include cannot leave its folder", () => {
  for (const text of ["../x.yaml", "teams/../../x.yaml", "/etc/x.yaml", "a\\\\..\\\\x.yaml"]) {
    expect(parseBaseline([{ path: "b.yaml", text: `${HEADER}include: ["${text}"]\n` }]).problems).toMatchObject([
      { code: "BL042" },
    ]);
  }
});

test("a circle is an error in each of its files, and nowhere else", () => {
  checkProblems({ "a.yaml": "b.yaml", "b.yaml": "c.yaml", "c.yaml": "b.yaml" }, [
    'b.yaml:3:1: error BL043 "c.yaml" is included, and includes this file again',
    'c.yaml:3:1: error BL043 "b.yaml" is included, and includes this file again',
  ]);
});

test("two files may include a third", () => {
  checkProblems({ "a.yaml": "b.yaml, c.yaml", "b.yaml": "c.yaml", "c.yaml": "" }, []);
});

test("a pattern says which folder to look into, and whether below it", () => {
  const looked = (text: string) => {
    const { folder, isDeep } = compileInclude(text, "b/shop.yaml") ?? {};
    return [folder, isDeep];
  };
  expect(looked("teams/pay.yaml")).toEqual(["b/teams/", false]);
  expect(looked("teams/*.yaml")).toEqual(["b/teams/", false]);
  expect(looked("*.yaml")).toEqual(["b/", false]);
  expect(looked("*/x.yaml")).toEqual(["b/", true]);
  expect(looked("teams/**")).toEqual(["b/teams/", true]);
});

test("what a file includes is read without the rest of it making sense", () => {
  expect(readIncludes({ path: "a.yaml", text: "include: [a.yaml, 1, b.yaml]\nnonsense: include" })).toEqual([
    "a.yaml",
    "b.yaml",
  ]);
  expect(readIncludes({ path: "a.yaml", text: '{"include": ["a.yaml"]}' })).toEqual(["a.yaml"]);
  for (const text of ["", "include", "include:", "include: a", "- include", "include: [", "a: {include: [b]}"]) {
    expect(readIncludes({ path: "a.yaml", text })).toEqual([]);
  }
});
