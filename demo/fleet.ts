import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Attack } from "./attacks.ts";
import type { Addresses, Order, Report } from "./messages.ts";
import { LEGACY_KEY, RETIRED_CLIENT, type ServiceName, SHOP } from "./names.ts";
import { openOutside } from "./outside.ts";
import { telemetryEnvironment } from "./telemetry-environment.ts";

const ENTRY = fileURLToPath(new URL("service-process.ts", import.meta.url));
const STOP_WITHIN_MS = 5000;
/** Secrets that a service knows beside its own. */
const KEYRINGS: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  inventory: [LEGACY_KEY],
  cart: [LEGACY_KEY],
  checkout: [LEGACY_KEY, RETIRED_CLIENT],
};

/** The shop's running processes. */
export type Fleet = {
  readonly addresses: Addresses;
  readonly pids: ReadonlyMap<ServiceName, number>;
  /** From now on the culprit misbehaves, until another does; null: until nobody does. */
  readonly attack: (attack: Attack | null) => Promise<void>;
  /** Lets every service finish, flush its spans and exit; resolves when none is left. */
  readonly stop: () => Promise<void>;
};

/** Starts the shop's services, callees first, with their spans going to `collector` (`host:port`). */
export async function startFleet(collector: string): Promise<Fleet> {
  const children = new Map<ServiceName, ChildProcess>();
  const addresses: Partial<Record<ServiceName | "outside", string>> = {};
  const secrets = Object.fromEntries(
    [...SHOP, LEGACY_KEY, RETIRED_CLIENT].map((name) => [name, randomBytes(24).toString("base64url")]),
  );
  const outside = await openOutside();
  addresses.outside = outside.port;

  function launch(name: ServiceName): ChildProcess {
    const env = { ...environmentWithoutTelemetry(), ...telemetryEnvironment(name, collector) };
    const child = fork(ENTRY, { env, execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
    children.set(name, child);
    return child;
  }

  async function start(name: ServiceName, child: ChildProcess): Promise<void> {
    const own = [name, ...(KEYRINGS[name] ?? [])].map((secret) => [secret, secrets[secret] ?? ""]);
    order(child, { kind: "start", name, addresses, secrets: name === "idp" ? secrets : Object.fromEntries(own) });
    const address = await ready(name, child);
    if (address !== null) addresses[name] = address;
  }

  async function attack(attack: Attack | null): Promise<void> {
    outside.stopVisits();
    if (attack === "backdoor") outside.visit(addresses["edge-gateway"], addresses.cart);
    const thief = children.get("report-job");
    if (thief !== undefined) await end(thief);
    children.delete("report-job");
    if (attack === "stranger") await inviteThief(launch("report-job"));
    for (const child of children.values()) order(child, { kind: "attack", attack });
  }

  async function inviteThief(thief: ChildProcess): Promise<void> {
    await start("report-job", thief);
    children.get("checkout")?.on("message", (report: Report) => {
      if (report.kind === "loot") order(thief, report);
    });
  }

  // Callers first, so that what is under way can still be answered.
  async function stop(): Promise<void> {
    outside.close();
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
