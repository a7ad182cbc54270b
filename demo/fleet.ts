import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Attack } from "./attacks.ts";
import type { Addresses, Order, Report } from "./messages.ts";
import { type ServiceName, SHOP } from "./names.ts";
import { telemetryEnvironment } from "./telemetry-environment.ts";

const ENTRY = fileURLToPath(new URL("service-process.ts", import.meta.url));
const STOP_WITHIN_MS = 5000;

/** The shop's running processes. */
export type Fleet = {
  readonly addresses: Addresses;
  readonly pids: ReadonlyMap<ServiceName, number>;
  /** From now on the culprit misbehaves, until the fleet stops. */
  readonly attack: (attack: Attack) => Promise<void>;
  /** Lets every service finish, flush its spans and exit; resolves when none is left. */
  readonly stop: () => Promise<void>;
};

/** Starts the shop's services, callees first, with their spans going to `collector` (`host:port`). */
export async function startFleet(collector: string): Promise<Fleet> {
  const children = new Map<ServiceName, ChildProcess>();
  const addresses: Partial<Record<ServiceName, string>> = {};
  const secrets = Object.fromEntries(SHOP.map((name) => [name, randomBytes(24).toString("base64url")]));

  function launch(name: ServiceName): ChildProcess {
    const env = { ...environmentWithoutTelemetry(), ...telemetryEnvironment(name, collector) };
    const child = fork(ENTRY, { env, execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
    children.set(name, child);
    return child;
  }

  async function start(name: ServiceName, child: ChildProcess): Promise<void> {
    const own = { [name]: secrets[name] ?? "" };
    order(child, { kind: "start", name, addresses, secrets: name === "idp" ? secrets : own });
    const address = await ready(name, child);
    if (address !== null) addresses[name] = address;
  }

  async function attack(attack: Attack): Promise<void> {
    if (attack === "stranger") {
      const thief = launch("report-job");
      await start("report-job", thief);
      children.get("checkout")?.on("message", (report: Report) => {
        if (report.kind === "loot") order(thief, report);
      });
    }
    for (const child of children.values()) order(child, { kind: "attack", attack });
  }

  // Callers first, so that what is under way can still be answered.
  async function stop(): Promise<void> {
    for (const child of [...children.values()].reverse()) await end(child);
  }

  try {
    // Processes load at the same time, and open their doors one after another.
    for (const [name, child] of SHOP.map((name) => [name, launch(name)] as const)) await start(name, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    addresses,
    get pids() {
      return pidsOf(children);
    },
    attack,
    stop,
  };
}

function order(child: ChildProcess, message: Order): void {
  if (child.connected) child.send(message, () => undefined);
}

async function ready(name: ServiceName, child: ChildProcess): Promise<string | null> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`cannot start ${name}: its process ended with code ${code}`);
  });
  const [report] = (await Promise.race([once(child, "message"), ended])) as [Report];
  if (report.kind === "ready") return report.address;
  throw new Error(`cannot start ${name}: ${report.kind === "failed" ? report.message : "expected it to be ready"}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(killer);
}

function pidsOf(children: ReadonlyMap<ServiceName, ChildProcess>): Map<ServiceName, number> {
  return new Map([...children].map(([name, { pid }]) => [name, pid ?? 0]));
}

// What the user's shell says about OpenTelemetry is not about the demo.
function environmentWithoutTelemetry(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OTEL_")));
}
