import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { type CollectorProcess, serveFlags, startCollectorProcess } from "../support/collector-process.ts";
import { postDrawing } from "../support/post-spans.ts";
import { ended, killAtEnd, startTrustdrift, trustdrift } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
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
// Root may write everywhere but on what is mounted for reading only.
const readOnlyDisk = mountTmpfs(join(folder, "read-only-disk"), "ro,size=1m");
test.skipIf(readOnlyDisk === null)("a disk that can only be read is one sentence", { timeout: MINUTE_MS }, async () => {
  const { code, out, err } = await trustdrift(serveFlags(readOnlyDisk ?? ""));
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^trustdrift: cannot \w+ \S+: EROFS\n/u);
});

test.skipIf(mayWriteAnywhere)("a folder that cannot be written is one sentence", { timeout: MINUTE_MS }, async () => {
  const own = newFolder("read-only");
  chmodSync(own, 0o500);
  onTestFinished(() => chmodSync(own, 0o700));
  const { code, err } = await trustdrift(serveFlags(own));
  expect(code).toBe(1);
  expect(err).toMatch(/^trustdrift: cannot \w+ \S+: EACCES\n/u);
});

const smallDisk = mountTmpfs(join(folder, "disk"), "size=6m");
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

test.for([-1, 1])(
  "a wall clock that is %s h off at the next start changes no count",
  { timeout: MINUTE_MS },
  async (hours) => {
    const { own } = await usedDatabase(`clock${hours}`);
    const shifted = await startCollectorProcess({ folder: own, environment: clockShiftedBy(hours) });
    expect((await postDrawing(shifted.otlpHttp, drawCall(2))).status).toBe(200);
    expect((await shifted.stop()).code).toBe(0);
    const after = await startCollectorProcess({ folder: own });
    expect((await postDrawing(after.otlpHttp, drawCall(2))).status).toBe(200);
    expect((await postDrawing(after.otlpHttp, drawCall(3))).status).toBe(200);
    expect((await after.stop()).code).toBe(0);
    const [edge, ...others] = await after.ask<Seen>("observe", "edges");
    expect(others).toEqual([]);
    expect(edge).toMatchObject({ caller: "web", callee: "stock", counts: { paired: 3, peer: 0 } });
    // The earliest and the latest that the clock ever said.
    const spread = Date.parse(edge?.lastSeen ?? "") - Date.parse(edge?.firstSeen ?? "");
    expect(spread).toBeGreaterThan(HOUR_MS - MINUTE_MS);
    expect(spread).toBeLessThan(HOUR_MS + 2 * MINUTE_MS);
  },
);

test("a process that stood still, as while the machine sleeps, gives up nobody", { timeout: MINUTE_MS }, async () => {
  const own = newFolder("asleep");
  const collector = await startCollectorProcess({
    folder: own,
    settleSeconds: 1.5,
    environment: { TRUSTDRIFT_WINDOW_SECONDS: "2.5" },
  });
  const [caller = "", callee = ""] = drawCall(1).split(";");
  expect((await postDrawing(collector.otlpHttp, `${caller.slice(0, -1)}, peer=else}`)).status).toBe(200);
  collector.process.child.kill("SIGSTOP");
  const answered = postDrawing(collector.otlpHttp, callee);
  await pause(4_000);
  collector.process.child.kill("SIGCONT");
  expect((await answered).status).toBe(200);
  expect((await collector.stop()).code).toBe(0);
  expect(await collector.ask("observe", "edges")).toMatchObject([{ callee: "stock", count: 1, counts: { paired: 1 } }]);
});

type Seen = { readonly firstSeen: string; readonly lastSeen: string };

/** Lets a process, and its threads, start when it is so many hours earlier or later. */
function clockShiftedBy(hours: number): Readonly<Record<string, string>> {
  const value = `performance.timeOrigin + ${hours * HOUR_MS}`;
  const shift = `Object.defineProperty(performance, "timeOrigin", { value: ${value} });`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` };
}

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

/** A file system of its own; null where this user may not mount one. */
function mountTmpfs(at: string, options: string): string | null {
  mkdirSync(at);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", at], { stdio: "ignore", timeout: 5_000 });
  } catch {
    return null;
  }
  // Lazily: a collector of a test that failed may still be there.
  afterAll(() => void execFileSync("umount", ["-l", at], { stdio: "ignore", timeout: 5_000 }));
  return at;
}
