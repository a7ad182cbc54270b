import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alert, alias, counted, credential, finding, HOUR_MS, NOON_MS, newShape } from "../../record/samples.ts";
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

test("one file is checked with what it includes", async () => {
  const header = "apiVersion: trustdrift/v1\nkind: Baseline\n";
  const path = baselineFolder("including", {
    "a.yaml": `${header}include: [b.yaml]\nservices: { a: { calls: { b: {} } } }\n`,
    "b.yaml": `${header}services: { b: {} }\n`,
  });
  expect(await run(["baseline", "lint", "--baseline", join(path, "a.yaml")])).toEqual({
    code: 0,
    out: "",
    err: "2 files: 0 errors, 0 warnings.\n",
  });
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

test.each([
  ["its calls", "checkout", []],
  ["the calls to it", "stock", ["payments"]],
  ["nobody else's calls", "web", ["payments", "stock"]],
])("while somebody speaks for a service who may not, %s are not seeded, in no environment", async (_, name, kept) => {
  const db = join(folder, `posed-${name}.db`);
  const posed = { environment: "elsewhere", caller: null, callee: name, audiences: [] } as const;
  await writeDatabase(db, {
    newShapes: [newShape(), newShape({ key: "stock", callee: STOCK })],
    counts: [counted(), counted({ shapeKey: "stock" })],
    alerts: [alert({ finding: finding({ ...posed, rule: "unattested-service-name" }) })],
  });
  const { out } = await run(["baseline", "seed", "--db", db]);
  expect(["payments", "stock"].filter((each) => out.includes(each))).toEqual(kept);
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

test("96: what was seen in a range of time is seeded, and nothing else", async () => {
  const db = join(folder, "times.db");
  const earlierMs = NOON_MS - 5 * HOUR_MS;
  await writeDatabase(db, {
    newShapes: [newShape(), newShape({ key: "stock", callee: STOCK })],
    counts: [counted(), counted({ shapeKey: "stock", firstSeenMs: earlierMs, lastSeenMs: earlierMs })],
  });
  const hasCalls = async (...flags: readonly string[]) => {
    const { code, out } = await run(["baseline", "seed", "--db", db, ...flags]);
    expect(code).toBe(0);
    return ["payments", "stock"].filter((name) => out.includes(name));
  };
  expect(await hasCalls()).toEqual(["payments", "stock"]);
  expect(await hasCalls("--since", "1h")).toEqual(["payments"]);
  expect(await hasCalls("--to", "2026-01-02T08:00Z")).toEqual(["stock"]);
  expect(await hasCalls("--from", "2026-01-03")).toEqual([]);
});

const BY_ADDRESS = newShape({ key: "address", callee: { kind: "external", name: "pay:8080" } });

test("97: the databases of several collectors are seeded as one graph", async () => {
  const dbs = [join(folder, "first.db"), join(folder, "second.db")] as const;
  await writeDatabase(dbs[0], {
    newShapes: [BY_ADDRESS],
    counts: [counted({ shapeKey: "address", confidence: "peer" })],
  });
  await writeDatabase(dbs[1], {
    newShapes: [newShape({ key: "stock", callee: STOCK })],
    counts: [counted({ shapeKey: "stock" })],
    aliases: [alias()],
  });
  const { code, out, err } = await run(["baseline", "seed", "--db", dbs[0], "--db", dbs[1]]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("payments");
  expect(out).toContain("stock");
  expect(out).not.toContain("pay:8080");
  expect((await run(["baseline", "seed", "--db", ...dbs])).out).toBe(out);
});

test("97: an alert of any of them keeps out what it is about, by the address or by the service", async () => {
  const seen = { newShapes: [BY_ADDRESS], counts: [counted({ shapeKey: "address", confidence: "peer" })] } as const;
  for (const callee of ["pay:8080", "payments"]) {
    const dbs = [join(folder, `${callee}-seen.db`), join(folder, `${callee}-alert.db`)] as const;
    const about = finding({ environment: "prod", caller: "checkout", callee, audiences: [], rule: "undeclared-call" });
    await writeDatabase(dbs[0], seen);
    await writeDatabase(dbs[1], { aliases: [alias()], alerts: [alert({ finding: about })] });
    const { out, err } = await run(["baseline", "seed", "--db", ...dbs]);
    expect(out).not.toMatch(/pay/);
    expect(err.match(/left out what alert/g)).toHaveLength(1);
  }
});
