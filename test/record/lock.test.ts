import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDatabase } from "../../src/record/lock.ts";

let folder: string;
let file: string;
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trustdrift-lock-"));
  file = join(folder, "trust.db");
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Starts a process that takes the lock and keeps it; resolves once it says that it has it. */
async function startHolder(): Promise<ChildProcess> {
  const lock = new URL("../../src/record/lock.ts", import.meta.url).href;
  const script = `
    const { lockDatabase } = await import(${JSON.stringify(lock)});
    lockDatabase(${JSON.stringify(file)});
    console.log("locked");
    setInterval(() => {}, 60_000);`;
  child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

test("a second collector is told which process holds the database, until that one is killed", async () => {
  const holder = await startHolder();
  expect(() => lockDatabase(file)).toThrow(
    expect.objectContaining({ code: "database-locked", message: expect.stringContaining(`process ${holder.pid}`) }),
  );
  const died = once(holder, "exit");
  holder.kill("SIGKILL");
  await died;
  lockDatabase(file).release();
});

test("a lock that was released can be taken again, also by the same process", () => {
  const lock = lockDatabase(file);
  expect(() => lockDatabase(file)).toThrow(expect.objectContaining({ code: "database-locked" }));
  expect(() => lockDatabase(file)).toThrow(expect.objectContaining({ code: "database-locked" }));
  lock.release();
  lockDatabase(file).release();
});

test("a process that failed to take a lock of its own has not freed it for others", async () => {
  const lock = lockDatabase(file);
  expect(() => lockDatabase(file)).toThrow();
  const lockUrl = new URL("../../src/record/lock.ts", import.meta.url).href;
  const script = `
    const { lockDatabase } = await import(${JSON.stringify(lockUrl)});
    try { lockDatabase(${JSON.stringify(file)}); console.log("taken"); } catch (error) { console.log(error.code); }`;
  const other = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(other.stdout, "data");
  expect(String(said).trim()).toBe("database-locked");
  lock.release();
});

test("the lock file belongs to its owner alone", () => {
  const lock = lockDatabase(file);
  expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600);
  lock.release();
});

test("a database in memory needs no lock", () => {
  lockDatabase(":memory:");
  lockDatabase(":memory:").release();
});
