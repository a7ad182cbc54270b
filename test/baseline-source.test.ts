import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadBaseline, watchBaseline } from "../src/baseline-source.ts";
import { EMPTY_BASELINE } from "../src/model/baseline.ts";
import { writeBaseline } from "./support/collector-process.ts";
import { scratchFolder } from "./support/scratch-folder.ts";
import { until } from "./support/until.ts";

const folder = scratchFolder();

function newFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

test("without a file or folder, and in a folder without YAML, the baseline is the empty one", () => {
  const bare = newFolder("bare");
  writeFileSync(join(bare, "README.md"), "not a baseline");
  for (const path of [join(folder, "missing"), bare]) {
    expect(loadBaseline(path)).toEqual({ baseline: EMPTY_BASELINE, files: [], warnings: [] });
  }
});

test("a folder's files, however deep, are one baseline; a single file is one as well", () => {
  const path = newFolder("two");
  writeBaseline(join(path, "web.yaml"), "services:\n  web: { calls: { stock: {} } }\n");
  writeBaseline(join(path, "teams", "stock.yml"), "services:\n  stock: {}\n");
  const { baseline, files, warnings } = loadBaseline(path);
  expect([...baseline.services.keys()].sort()).toEqual(["stock", "web"]);
  expect(files.map((file) => file.path)).toEqual([join(path, "teams", "stock.yml"), join(path, "web.yaml")]);
  expect(warnings).toEqual([]);
  expect([...loadBaseline(join(path, "teams", "stock.yml")).baseline.services.keys()]).toEqual(["stock"]);
});

test("a single file brings what it includes, and what that includes, and nothing else", () => {
  const path = newFolder("including");
  writeBaseline(join(path, "shop.yaml"), 'include: ["teams/*.yaml"]\nservices:\n  web: {}\n');
  writeBaseline(join(path, "teams", "pay.yaml"), "include: [more/stock.yaml]\nservices:\n  pay: {}\n");
  writeBaseline(join(path, "teams", "more", "stock.yaml"), "services:\n  stock: {}\n");
  writeBaseline(join(path, "other.yaml"), "services:\n  other: {}\n");
  const { baseline, files } = loadBaseline(join(path, "shop.yaml"));
  expect([...baseline.services.keys()].sort()).toEqual(["pay", "stock", "web"]);
  expect(files.map((file) => file.path.slice(path.length))).toEqual([
    "/shop.yaml",
    "/teams/more/stock.yaml",
    "/teams/pay.yaml",
  ]);
  expect(loadBaseline(path).baseline.services.size).toBe(4);
});

test("an include that no file answers to keeps the baseline from being loaded", () => {
  const path = newFolder("missing-include");
  writeBaseline(join(path, "shop.yaml"), 'include: ["gone/*.yaml"]\n');
  expect(() => loadBaseline(join(path, "shop.yaml"))).toThrowError("shop.yaml:3:1: error BL041");
});

test("a change of what a single file includes is noticed", async () => {
  const path = newFolder("watched-include");
  const pay = join(path, "teams", "pay.yaml");
  writeBaseline(join(path, "shop.yaml"), 'include: ["teams/*.yaml"]\n');
  writeBaseline(pay, "services: {}\n");
  let changes = 0;
  const { stop } = watchBaseline(join(path, "shop.yaml"), 5, () => {
    changes++;
  });
  onTestFinished(stop);
  writeBaseline(pay, "services: {}\n# longer than before\n");
  await until("the change is noticed", () => changes === 1);
  writeBaseline(join(path, "teams", "new.yaml"), "services: {}\n");
  await until("the new file is noticed", () => changes === 2);
});

test("told the time, it warns of what has ended", () => {
  const path = newFolder("ended");
  const shared = 'datastores:\n  db: { shared: { reason: moving, expires: "2026-01-31" } }\n';
  writeBaseline(join(path, "shop.yaml"), shared);
  expect(loadBaseline(path, Date.parse("2026-01-31T12:00:00Z")).warnings).toEqual([]);
  expect(loadBaseline(path, Date.parse("2026-02-01T12:00:00Z")).warnings).toEqual([expect.stringContaining("BL028")]);
});

test("an invalid baseline is refused with every error, each with file, line and column", () => {
  const path = newFolder("invalid");
  writeBaseline(join(path, "a.yaml"), "services:\n  web: { cals: {} }\n");
  writeBaseline(join(path, "b.yaml"), "services:\n  stock: { ingres: [] }\n");
  const load = () => loadBaseline(path);
  expect(load).toThrowError(expect.objectContaining({ code: "baseline-invalid" }));
  expect(load).toThrowError(`${join(path, "a.yaml")}:4:10: `);
  expect(load).toThrowError(`\n${join(path, "b.yaml")}:4:12: `);
});

test("what is only doubtful is loaded, with a warning that says where", () => {
  const path = newFolder("doubtful");
  writeBaseline(join(path, "shop.yaml"), "services:\n  web: { calls: { nobody: {} } }\n");
  const { baseline, warnings } = loadBaseline(path);
  expect([...baseline.services.keys()]).toEqual(["web"]);
  expect(warnings).toEqual([expect.stringContaining(`${join(path, "shop.yaml")}:4:19: `)]);
});

test.each<[string, (path: string) => void]>([
  ["a file that appears", (path) => writeBaseline(join(path, "new.yaml"), "services: {}\n")],
  ["a file that changes", (path) => writeBaseline(join(path, "shop.yaml"), "services: {}\n# longer than before\n")],
  ["a file that goes", (path) => rmSync(join(path, "shop.yaml"))],
  ["a file in a folder below", (path) => writeBaseline(join(path, "team", "new.yaml"), "services: {}\n")],
  ["a file of the same size put in its place", (path) => replace(join(path, "shop.yaml"))],
  ["the folder that goes", (path) => rmSync(path, { recursive: true })],
])("%s is noticed", async (name, change) => {
  const path = newFolder(name.replaceAll(" ", "-"));
  writeBaseline(join(path, "shop.yaml"), "services: {}\n");
  let changes = 0;
  const { stop } = watchBaseline(path, 5, () => {
    changes++;
  });
  onTestFinished(stop);
  change(path);
  await until("the change is noticed", () => changes > 0);
});

/** As editors and `kubectl` do it: a new file is moved over the old one. */
function replace(file: string): void {
  writeBaseline(`${file}.new`, "services: {}\n");
  renameSync(`${file}.new`, file);
}

test("an editor's hidden files, dangling links among them, are no part of the baseline", async () => {
  const hidden = newFolder("hidden");
  writeFileSync(join(hidden, "shop.yaml"), "apiVersion: trustdrift/v1\nkind: Baseline\nservices: { cart: {} }\n");
  symlinkSync("ada@nowhere.1234", join(hidden, ".#shop.yaml"));
  expect(loadBaseline(hidden).files.map(({ path }) => path)).toEqual([join(hidden, "shop.yaml")]);
});
