import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { until } from "./until.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** A process that a test started: what it has written so far, and how it ended. */
export type Running = {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** The exit code, or the signal that ended it; null while it runs. */
  readonly end: () => number | NodeJS.Signals | null;
};

/** What a process that has ended left. */
export type Ran = { readonly code: number | NodeJS.Signals; readonly out: string; readonly err: string };

const running = new Set<ChildProcess>();
// A test that failed halfway leaves no process behind.
process.on("exit", () => killAll());

/** Starts `node` with a script; it is killed when this test file is done. */
export function start(command: readonly string[], env: Readonly<Record<string, string>> = {}, input = ""): Running {
  const [program = process.execPath, ...rest] = command;
  const child = spawn(program, rest, { stdio: "pipe", env: { ...process.env, NO_COLOR: "1", ...env } });
  running.add(child);
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    text.out += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    text.err += chunk;
  });
  let end: number | NodeJS.Signals | null = null;
  // Not "exit": what was written last may still be on its way then.
  child.once("close", (code, signal) => {
    running.delete(child);
    end = code ?? signal;
  });
  child.stdin.on("error", () => {}).end(input);
  return { child, out: () => text.out, err: () => text.err, end: () => end };
}

/** Waits until a process has ended. */
export async function ended(process: Running, withinMs = 30_000): Promise<Ran> {
  const wrapped = await until(
    `the end of process ${process.child.pid}`,
    () => {
      const code = process.end();
      return code === null ? null : { code };
    },
    withinMs,
  );
  return { ...wrapped, out: process.out(), err: process.err() };
}

/** Runs the command line as a process of its own. */
export function trustdrift(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
): Promise<Ran> {
  return ended(start([process.execPath, MAIN, ...args], env, input));
}

/** Starts the command line and does not wait for it. */
export function startTrustdrift(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return start([process.execPath, MAIN, ...args], env);
}

/** Kills what this test file has started, when it is done. */
export function killAtEnd(): void {
  afterAll(killAll);
}

function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}
