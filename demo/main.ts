import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import { ATTACKS, type Attack } from "./attacks.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { type LoadDriver, startLoad } from "./load-driver.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { runAllAttacks } from "./run-all-attacks.ts";

const ATTACK_AFTER_MS = 3000;
const STATUS_EVERY_MS = 5000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`demo: ${messageOf(error)}\n${USAGE}`);
    return 2;
  }
  if (options !== null) return demonstrate(options);
  console.log(USAGE);
  return 0;
}

/** Runs the shop until it is told to stop; returns the exit code, 1 when a request failed. */
async function demonstrate({ collector, attack, rate, seconds, db }: Options): Promise<number> {
  const address = `${collector.host}:${collector.port}`;
  if (!(await answers(collector))) {
    console.error(`No collector answers on ${address}. Start one first, in another terminal: npm start`);
    return 1;
  }
  const asked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => asked.abort());

  console.log(`Starting the shop; its spans go to ${address} ...`);
  const fleet = await startFleet(address).catch((error: unknown) => {
    console.error(`demo: ${messageOf(error)}`);
    return null;
  });
  if (fleet === null) return 1;
  const load = startLoad(fleet.addresses["edge-gateway"] ?? "", rate);
  printFleet(fleet, rate);
  const status = setInterval(() => printStatus(load), STATUS_EVERY_MS);
  if (attack === "all") {
    await runAllAttacks(fleet, db, asked.signal);
  } else {
    if (attack !== null) beginLater(fleet, attack, asked.signal);
    const forMs = seconds === null ? 2 ** 31 - 1 : seconds * 1000;
    await sleep(forMs, undefined, { signal: asked.signal }).catch(() => undefined);
  }
  clearInterval(status);
  console.log("Stopping ...");
  await load.stop();
  await fleet.stop();
  printStatus(load);
  return load.figures().failed === 0 ? 0 : 1;
}

function beginLater(fleet: Fleet, attack: Attack, signal: AbortSignal): void {
  sleep(ATTACK_AFTER_MS, undefined, { signal, ref: false })
    .then(() => fleet.attack(attack))
    .then(() => printAttack(attack))
    .catch((error: unknown) => {
      if (!signal.aborted) console.error(`demo: cannot begin the attack: ${messageOf(error)}`);
    });
}

async function answers({ host, port }: Options["collector"]): Promise<boolean> {
  const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port, timeout: 2000 });
  try {
    await Promise.race([
      once(socket, "connect"),
      once(socket, "timeout").then(() => Promise.reject(new Error("timeout"))),
    ]);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function printFleet({ addresses, pids }: Fleet, rate: number): void {
  for (const [name, pid] of pids) console.log(`  ${name.padEnd(14)}${(addresses[name] ?? "").padEnd(26)}pid ${pid}`);
  console.log(
    `${rate} requests a second, all as baselines/shop.yaml declares: expect no alert. Ctrl-C stops everything.`,
  );
}

function printAttack(attack: Attack): void {
  const { does, rule, also } = ATTACKS[attack];
  console.log(styleText(["bold", "red"], `Attack ${attack}, about once a second: ${does}.`));
  console.log(`  expect   ${rule} ${also.length === 0 ? "" : `, and maybe ${also.join(", ")}`}`);
  console.log(`  see it   bin/trustdrift alerts list --rule ${rule}`);
}

function printStatus(load: LoadDriver): void {
  const { sent, failed, lastFailure } = load.figures();
  console.log(`${sent} requests sent, ${failed} failed${lastFailure === null ? "" : ` (last: ${lastFailure})`}`);
}
