import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alert, counted, credential, finding, newShape } from "../../record/samples.ts";
import { testFolder } from "./folder.ts";
import { run, writeDatabase } from "./run.ts";

const folder = testFolder();

function baselineFolder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

const STOCK = { kind: "service", name: "stock" } as const;
const HEADER = "apiVersion: trustdrift/v1\nkind: Baseline\n";
const GOOD = `${HEADER}services:\n  checkout:\n    calls:\n      payments: {}\n  payments: {}\n`;
const TYPO = `${HEADER}services:\n  checkout:\n    cals: {}\n`;

test("a baseline without problems is clean", async () => {
  const path = baselineFolder("good", { "shop.yaml": GOOD, "notes.txt": "not a baseline" });
  expect(await run(["baseline", "lint", "--baseline", path])).toEqual({
    code: 0,
    out: "",
    err: "1 file: 0 errors, 0 warnings.\n",
  });
});

test("a baseline that cannot be loaded names file, line and column, and exits with 3", async () => {
  const path = baselineFolder("typo", { "a.yaml": GOOD, "b.yml": TYPO.replaceAll("checkout", "cart") });
  const { code, out, err } = await run(["baseline", "lint", "--baseline", path]);
  expect({ code, err }).toEqual({ code: 3, err: "2 files: 1 error, 0 warnings.\n" });
  expect(out).toMatch(/^\S+b\.yml:5:5: error BL\d{3} .*cals.*\n$/);
});

test("one file of a baseline can be checked alone, and problems are data for programs", async () => {
  const path = baselineFolder("data", { "a.yaml": TYPO, "b.yaml": TYPO });
  const { code, out } = await run(["baseline", "lint", "--baseline", join(path, "a.yaml"), "-o", "json"]);
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject([{ file: join(path, "a.yaml"), line: 5, column: 5, level: "error" }]);
});

test("a baseline that is not there is an error, not a clean one", async () => {
  const { code, err } = await run(["baseline", "lint", "--baseline", join(folder, "nowhere")]);
  expect(code).toBe(1);
  expect(err).toContain(`cannot read the baseline ${join(folder, "nowhere")}`);
});

test("a folder without a baseline is an error, not a clean one", async () => {
  const { code, err } = await run(["baseline", "lint", "--baseline", baselineFolder("empty", { "notes.txt": "" })]);
  expect({ code, err }).toEqual({
    code: 1,
    err: `trustdrift: cannot find a .yaml or .yml file in ${join(folder, "empty")}\n`,
  });
});

async function seededDatabase(name: string): Promise<string> {
  const db = join(folder, name);
  await writeDatabase(db, {
    newShapes: [
      newShape({ credential: credential() }),
      newShape({ key: "guess", callee: { kind: "service", name: "stock" } }),
    ],
    counts: [counted(), counted({ shapeKey: "guess", confidence: "peer" })],
  });
  return db;
}

test("what was observed is a baseline on stdout, what was left out a message on stderr", async () => {
  const db = await seededDatabase("seed.db");
  const { code, out, err } = await run(["baseline", "seed", "--db", db, "--name", "shop"]);
  expect(code).toBe(0);
  expect(out).toContain("name: shop");
  expect(out).toContain("payments");
  expect(out).not.toContain("stock");
  expect(err).toBe('"checkout" -> "stock" is left out: only one side was seen\n');
});

test("a seeded baseline lints clean", async () => {
  const db = await seededDatabase("clean.db");
  const file = join(folder, "seeded.yaml");
  expect(await run(["baseline", "seed", "--db", db, "--write", file])).toMatchObject({ code: 0, out: "" });
  expect(await run(["baseline", "lint", "--baseline", file])).toMatchObject({ code: 0, out: "" });
});

test("seeding never writes over a file that is there", async () => {
  const db = await seededDatabase("kept.db");
  const file = join(folder, "kept.yaml");
  writeFileSync(file, GOOD);
  const { code, err } = await run(["baseline", "seed", "--db", db, "--write", file]);
  expect(code).toBe(1);
  expect(err).toContain(`cannot write ${file}`);
  expect(readFileSync(file, "utf8")).toBe(GOOD);
});

test("what an open alert is about is not seeded until somebody has decided", async () => {
  const db = join(folder, "drift.db");
  const about = { environment: "prod", caller: "checkout", callee: "payments" } as const;
  await writeDatabase(db, {
    newShapes: [newShape({ credential: credential() }), newShape({ key: "stock", callee: STOCK })],
    counts: [counted(), counted({ shapeKey: "stock" })],
    alerts: [
      alert({ finding: finding({ ...about, rule: "undeclared-audience", audiences: credential().audiences ?? [] }) }),
      alert({
        id: "B",
        key: "b",
        finding: finding({ ...about, callee: "stock", rule: "undeclared-call", audiences: [] }),
      }),
    ],
  });
  const { out, err } = await run(["baseline", "seed", "--db", db]);
  expect(out).toContain("payments");
  expect(out).not.toContain("audiences");
  expect(out).not.toContain("stock");
  expect(err.match(/left out what alert/g)).toHaveLength(2);
});

test("a decided alert keeps nothing out", async () => {
  const db = join(folder, "decided.db");
  const dismissed = { environment: "prod", caller: "checkout", callee: "payments", audiences: [] } as const;
  await writeDatabase(db, {
    newShapes: [newShape()],
    counts: [counted()],
    alerts: [alert({ status: "dismissed", finding: finding({ ...dismissed, rule: "undeclared-call" }) })],
  });
  const { out, err } = await run(["baseline", "seed", "--db", db]);
  expect({ hasCall: out.includes("payments"), err }).toEqual({ hasCall: true, err: "" });
});
