import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Random } from "../simulation/random.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const START_MS = 30_000;
const STOP_MS = 30_000;

/** Where a collector lives, over all its lives. */
export type Home = {
  readonly folder: string;
  readonly dbFile: string;
  readonly ports: { readonly grpc: number; readonly http: number; readonly api: number };
  readonly settleSeconds: number;
  readonly windowSeconds: number;
};

/** One life of a collector process. */
export type Victim = {
  /** Ends it without a warning; resolves when the kernel has cleaned up after it. */
  readonly kill: () => Promise<void>;
  /** Ends it as an operator would; rejects where its exit code is not 0. */
  readonly stop: () => Promise<void>;
  readonly hasEnded: () => boolean;
  readonly log: () => string;
};

/** Makes a folder ready for a collector and finds ports for it. */
export async function makeHome(folder: string, random: Random, baseline: string): Promise<Home> {
  mkdirSync(join(folder, "baselines"), { recursive: true });
  writeFileSync(join(folder, "baselines", "shop.yaml"), `apiVersion: trustdrift/v1\nkind: Baseline\n${baseline}`);
  const ports = { grpc: await freePort(random), http: await freePort(random), api: await freePort(random) };
  return { folder, dbFile: join(folder, "trustdrift.db"), ports, settleSeconds: 3, windowSeconds: 20 };
}

/**
 * Starts a collector and waits until it says that it listens. `giveUp` ends the wait early: a collector may also be
 * killed while it starts.
 */
export async function startVictim(home: Home, giveUp: Promise<void> | null = null): Promise<Victim> {
  const child = spawn(process.execPath, [MAIN, ...flags(home)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NO_COLOR: "1",
      // Written by the life that ends well; the others start sooner for it.
      NODE_COMPILE_CACHE: join(home.folder, "..", "compiled"),
      TRUSTDRIFT_SETTLE_SECONDS: String(home.settleSeconds),
      TRUSTDRIFT_WINDOW_SECONDS: String(home.windowSeconds),
    },
  });
  const leftovers = () => void child.kill("SIGKILL");
  process.once("exit", leftovers);
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    text.out += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    text.err += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  void ended.then(() => process.removeListener("exit", leftovers));
  const started = new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => {
      if (text.out.includes("alerts list")) resolve();
    });
    void ended.then(() => reject(new Error(`the collector ended at its start: ${text.err}`)));
  });
  started.catch(() => {});
  await within(START_MS, "the collector starts", giveUp === null ? started : Promise.race([started, giveUp]));
  return {
    kill: async () => {
      child.kill("SIGKILL");
      await within(STOP_MS, "the collector dies", ended);
    },
    stop: () => stop(child, ended, text),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    log: () => text.err,
  };
}

async function stop(child: ChildProcess, ended: Promise<void>, text: { readonly err: string }): Promise<void> {
  child.kill("SIGTERM");
  await within(STOP_MS, "the collector stops", ended);
  if (child.exitCode !== 0)
    throw new Error(`the collector ended with ${child.exitCode ?? child.signalCode}: ${text.err}`);
}

function flags({ dbFile, folder, ports }: Home): readonly string[] {
  const addresses = [
    ["--otlp-grpc", ports.grpc],
    ["--otlp-http", ports.http],
    ["--api", ports.api],
  ] as const;
  const listen = addresses.flatMap(([flag, port]) => [flag, `127.0.0.1:${port}`]);
  return ["serve", ...listen, "--db", dbFile, "--baseline", join(folder, "baselines")];
}

/**
 * A port below those that the kernel gives to clients: between two lives of the collector, a client could get its port
 * otherwise, and even connect to itself.
 */
async function freePort(random: Random): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = random.between(15_000, 31_000);
    if (await isFree(port)) return port;
  }
  throw new Error("found no free port");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Rejects when a promise takes too long. */
export async function within<T>(ms: number, claim: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms in vain for this: ${claim}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
