import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Transport } from "./sender.ts";

/** Linux counts CPU time in these, whatever the kernel's own clock (`getconf CLK_TCK`). */
const TICKS_A_SECOND = 100;
/** The root of this checkout. */
export const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));

/** A process that receives the load. */
export type Target = {
  /** Where it receives. */
  readonly port: (transport: Transport) => number;
  /** The port of its API; 0 where it has none. */
  readonly apiPort: number;
  /** What it has written to its log. */
  readonly log: () => string;
  /** What it is told to stop with, so that it ends as it would in service. */
  readonly stop: () => Promise<void>;
  /** User and system time of all its threads so far. */
  readonly cpuSeconds: () => number;
  readonly rssMib: () => number;
  /** The most memory it has had so far. */
  readonly rssMaxMib: () => number;
};

export type Environment = Readonly<Record<string, string>>;

/** Starts a Node program of this repository and waits until it says where it receives. */
export async function startTarget(args: readonly string[], env: Environment = {}): Promise<Target> {
  const child = spawn(process.execPath, [...args], {
    cwd: REPOSITORY,
    env: { ...env, ...process.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const pid = child.pid ?? 0;
  const welcome = await firstWords(child).catch((cause: unknown) => {
    throw new Error(`the target ended before it listened\n${log}`, { cause });
  });
  const ports = { grpc: portIn(/OTLP\/gRPC +\S+:(\d+)/u, welcome), http: portIn(/OTLP\/HTTP +\S+:(\d+)/u, welcome) };
  return {
    port: (transport) => (transport === "grpc" ? ports.grpc : ports.http),
    apiPort: portIn(/API +http:\/\/\S+:(\d+)/u, welcome),
    log: () => log,
    stop: () => stop(child),
    cpuSeconds: () => readCpuSeconds(pid),
    rssMib: () => readStatus(pid, "VmRSS") / 1024,
    rssMaxMib: () => readStatus(pid, "VmHWM") / 1024,
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** What a server says once it listens; it is short enough to come in one piece. */
async function firstWords(child: ChildProcess): Promise<string> {
  const [text] = await Promise.race([
    once(child.stdout ?? child, "data"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`exit code ${code}`))),
  ]);
  return String(text);
}

function portIn(pattern: RegExp, words: string): number {
  return Number(pattern.exec(words)?.[1] ?? 0);
}

/** `utime` and `stime` are fields 14 and 15 of proc(5)'s `stat`; the name before them may hold anything but a `)`. */
export function readCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Kilobytes, of proc(5)'s `status`. */
function readStatus(pid: number, name: "VmRSS" | "VmHWM"): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "mu").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
