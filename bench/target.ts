import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Linux counts CPU time in these, whatever the kernel's own clock (`getconf CLK_TCK`). */
const TICKS_A_SECOND = 100;
const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));

/** A process that receives the load. */
export type Target = {
  readonly grpcPort: number;
  /** What it is told to stop with, so that it ends as it would in service. */
  readonly stop: () => Promise<void>;
  /** User and system time of all its threads so far. */
  readonly cpuSeconds: () => number;
  /** The most memory it has had so far. */
  readonly rssMaxMib: () => number;
  /** The port of its API; null where it has none. */
  readonly apiPort: number | null;
};

/** Starts a Node program of this repository and waits until it says where it receives OTLP/gRPC. */
export async function startTarget(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Target> {
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const child = spawn(process.execPath, [...args], {
    cwd: REPOSITORY,
    env: { ...env, ...process.env },
    stdio: [...stdio],
  });
  const pid = child.pid ?? 0;
  const welcome = await firstWords(child);
  return {
    grpcPort: portIn(/OTLP\/gRPC +\S+:(\d+)/u, welcome) ?? 0,
    apiPort: portIn(/API +http:\/\/\S+:(\d+)/u, welcome),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
    cpuSeconds: () => readCpuSeconds(pid),
    rssMaxMib: () => Number(/^VmHWM:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024,
  };
}

/** What a server says once it listens; it is short enough to come in one piece. */
async function firstWords(child: ChildProcess): Promise<string> {
  const [text] = await Promise.race([
    once(child.stdout ?? child, "data"),
    once(child, "exit").then(() => Promise.reject(new Error("the target ended before it listened"))),
  ]);
  return String(text);
}

function portIn(pattern: RegExp, line: string): number | null {
  const port = pattern.exec(line)?.[1];
  return port === undefined ? null : Number(port);
}

/** `utime` and `stime` are fields 14 and 15 of proc(5)'s `stat`; the name before them may hold anything but a `)`. */
function readCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
