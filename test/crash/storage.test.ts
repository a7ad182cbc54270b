import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { type CollectorProcess, serveFlags, startCollectorProcess } from "../support/collector-process.ts";
import { postDrawing } from "../support/post-spans.ts";
import { ended, killAtEnd, startTrustdrift, trustdrift } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

const MINUTE_MS = 60_000;
const PAGE_BYTES = 4096;

const folder = scratchFolder();
killAtEnd();

function newFolder(name: string): string {
  const own = join(folder, name);
  mkdirSync(own);
  return own;
}

/** Two spans of one call, in a trace of its own. */
function drawCall(trace: number): string {
  const id = `@t${trace.toString(36)}`;
  return `web C#1${id} {http.request.method=GET}; stock S#2<1${id} {http.request.method=GET, http.route=/items}`;
}

/** A database in which a collector has recorded something, closed well. */
async function usedDatabase(name: string): Promise<{ readonly own: string; readonly dbFile: string }> {
  const own = newFolder(name);
  const collector = await startCollectorProcess({ folder: own });
  expect((await postDrawing(collector.otlpHttp, drawCall(1))).status).toBe(200);
  expect((await collector.stop()).code).toBe(0);
  return { own, dbFile: collector.dbFile };
}

function fillWithGarbage(file: string, from: number): void {
  const bytes = readFileSync(file);
  writeFileSync(
    file,
    bytes.map((byte, at) => (at < from ? byte : (at * 31 + 7) % 251)),
  );
}

test.for([
  ["cut in the middle of a page", (file: string) => truncateSync(file, 5 * PAGE_BYTES + 123)],
  ["cut behind its first page", (file: string) => truncateSync(file, PAGE_BYTES)],
  ["emptied", (file: string) => truncateSync(file, 0)],
  ["cut within its header", (file: string) => truncateSync(file, 50)],
  ["overwritten from its first byte on", (file: string) => fillWithGarbage(file, 0)],
  ["overwritten behind its first page", (file: string) => fillWithGarbage(file, PAGE_BYTES)],
] as const)(
  "a database that was %s stops the start, says what to do, and is left as it is",
  { timeout: MINUTE_MS },
  async ([name, damage]) => {
    const { own, dbFile } = await usedDatabase(name.replaceAll(" ", "-"));
    damage(dbFile);
    const before = readFileSync(dbFile);
    const { code, out, err } = await trustdrift(serveFlags(own));
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err.split("\n")[0]).toMatch(/^trustdrift: cannot \w+ \S+: not a sound database; .*restore a backup/u);
    expect(err).not.toMatch(/^ +at /mu);
    expect(readFileSync(dbFile).equals(before)).toBe(true);
  },
);

test("a database of a newer version stops the start, and is left as it is", { timeout: MINUTE_MS }, async () => {
  const { own, dbFile } = await usedDatabase("newer");
  const db = new Database(dbFile);
  db.pragma("user_version = 999");
  db.close();
  const { code, err } = await trustdrift(serveFlags(own));
  expect(code).toBe(1);
  expect(err).toContain("its version is 999");
  expect(err).toContain("install the trustdrift that wrote it");
});

test("of two collectors that start at once on a new database, one serves and the other says why not", {
  timeout: MINUTE_MS,
}, async () => {
  const own = newFolder("two");
  const both = [startTrustdrift(serveFlags(own)), startTrustdrift(serveFlags(own))];
  const isServing = (one: (typeof both)[number]) => one.out().includes("alerts list");
  const server = await until("one of them serves", () => both.find(isServing), MINUTE_MS / 2);
  const loser = both.find((one) => one !== server);
  if (loser === undefined) throw new Error("expected two");
  const { code, out, err } = await ended(loser, MINUTE_MS / 4);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^trustdrift: cannot open .*: another collector \(process \w+\) is writing to it; stop it/u);
  expect(server.end()).toBeNull();
});

const mayWriteAnywhere = process.getuid?.() === 0;
if (mayWriteAnywhere) console.log("skipped: a folder that cannot be written (this user may write everywhere)");
test.skipIf(mayWriteAnywhere)("a folder that cannot be written is one sentence", { timeout: MINUTE_MS }, async () => {
  const own = newFolder("read-only");
  chmodSync(own, 0o500);
  onTestFinished(() => chmodSync(own, 0o700));
  const { code, err } = await trustdrift(serveFlags(own));
  expect(code).toBe(1);
  expect(err).toMatch(/^trustdrift: cannot \w+ \S+: EACCES\n/u);
});

const smallDisk = mountSmallDisk(join(folder, "disk"));
if (smallDisk === null) console.log("skipped: a full disk (a tmpfs cannot be mounted here)");
test.skipIf(smallDisk === null)(
  "while the disk is full requests are refused for now; afterwards each counts once",
  { timeout: 2 * MINUTE_MS },
  async () => {
    const own = smallDisk ?? "";
    const collector = await startCollectorProcess({ folder: own });
    expect((await postDrawing(collector.otlpHttp, drawCall(0))).status).toBe(200);
    const ballast = join(own, "ballast");
    fillDisk(own, ballast);

    const calls = Array.from({ length: 40 }, (_, call) => call + 1);
    const delivered = Promise.all(calls.map((call) => deliver(collector, call)));
    await until("a request is refused", () => collector.process.err().includes("are refused"), MINUTE_MS / 2);
    const refusal = await postDrawing(collector.otlpHttp, drawCall(0).replaceAll("@t0", "@tfull"));
    expect([refusal.status, refusal.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await collector.readyz()).toMatchObject({
      httpStatus: 503,
      problems: [expect.stringContaining("the disk is full")],
    });
    rmSync(ballast);
    expect(Math.max(...(await delivered))).toBeGreaterThan(1);
    await until("the collector is ready again", async () => (await collector.readyz()).httpStatus === 200);

    expect((await collector.stop()).code).toBe(0);
    const counts = { paired: calls.length + 1, peer: 0 };
    expect(await collector.ask("observe", "edges")).toMatchObject([{ caller: "web", callee: "stock", counts }]);
  },
);

test.skipIf(smallDisk === null)(
  "a collector that is killed while the disk is full goes on with what it had answered",
  { timeout: 2 * MINUTE_MS },
  async () => {
    const own = join(smallDisk ?? "", "killed");
    mkdirSync(own);
    const first = await startCollectorProcess({ folder: own });
    expect((await postDrawing(first.otlpHttp, drawCall(0))).status).toBe(200);
    const ballast = join(own, "ballast");
    fillDisk(own, ballast);
    let taken = 1;
    for (let call = 1; ; call++) {
      if ((await postDrawing(first.otlpHttp, drawCall(call))).status !== 200) break;
      taken++;
      if (taken > 500) throw new Error("the disk does not fill");
    }
    await first.stop("SIGKILL");
    rmSync(ballast);
    const second = await startCollectorProcess({ folder: own });
    expect((await postDrawing(second.otlpHttp, drawCall(taken))).status).toBe(200);
    expect((await second.stop()).code).toBe(0);
    expect(await second.ask("observe", "edges")).toMatchObject([{ counts: { paired: taken + 1 } }]);
  },
);

const hasFaketime = isInstalled("faketime");
if (!hasFaketime) console.log("skipped: a wall clock that jumps (faketime is not installed)");
test.skipIf(!hasFaketime)(
  "a wall clock that is an hour back at the next start changes no count",
  { timeout: MINUTE_MS },
  async () => {
    const { own, dbFile } = await usedDatabase("clock");
    const serve = ["faketime", "-f", "-1h", process.execPath, "src/main.ts", ...serveFlags(own)];
    const output = execFileSync("timeout", ["-s", "TERM", "5", ...serve], { encoding: "utf8" });
    expect(output).toContain("alerts list");
    const { out } = await trustdrift(["observe", "edges", "--db", dbFile, "-o", "json"]);
    expect(JSON.parse(out)).toMatchObject([{ counts: { paired: 1 } }]);
  },
);

/** Sends one call until it is answered 200; returns how often. */
async function deliver({ otlpHttp }: CollectorProcess, call: number): Promise<number> {
  let sent = 0;
  await until(
    `call ${call} is answered`,
    async () => {
      sent++;
      return (await postDrawing(otlpHttp, drawCall(call))).status === 200;
    },
    MINUTE_MS,
  );
  return sent;
}

/** Takes all the space that is left. */
function fillDisk(disk: string, file: string): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(file, Buffer.alloc(bavail * bsize));
}

/** A file system of a few megabytes; null where this user may not mount one. */
function mountSmallDisk(at: string): string | null {
  mkdirSync(at);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", at], { stdio: "ignore", timeout: 5_000 });
  } catch {
    return null;
  }
  // Lazily: a collector of a test that failed may still be there.
  afterAll(() => void execFileSync("umount", ["-l", at], { stdio: "ignore", timeout: 5_000 }));
  return at;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync("which", [program], { stdio: "ignore", timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}
