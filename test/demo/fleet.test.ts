import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ATTACK_NAMES, ATTACKS, type AttackPlan } from "../../demo/attacks.ts";
import { type Fleet, startFleet } from "../../demo/fleet.ts";
import { startLoad } from "../../demo/load-driver.ts";
import { describeHops } from "../support/assemble.ts";
import { assembleAll, judgeAll, openSpanSink, type SpanSink } from "./span-sink.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const baseline = readFileSync(new URL("../../baselines/shop.yaml", import.meta.url), "utf8");
const DECLARED = [
  "cart -> idp GET /.well-known/jwks.json paired",
  "cart -> idp POST /token paired",
  "cart -> inventory rpc:inventory.v1.Inventory/Check paired",
  "checkout -> cart GET /v1/carts/{id} paired",
  "checkout -> email POST /v1/receipts paired",
  "checkout -> idp GET /.well-known/jwks.json paired",
  "checkout -> idp POST /token paired",
  "checkout -> inventory rpc:inventory.v1.Inventory/Reserve paired",
  "checkout -> payments rpc:payments.v1.Payments/Charge paired",
  "edge-gateway -> cart GET /v1/carts/{id} paired",
  "edge-gateway -> cart POST /v1/carts/{id}/items paired",
  "edge-gateway -> checkout POST /v1/orders paired",
  "edge-gateway -> idp GET /.well-known/jwks.json paired",
  "edge-gateway -> idp POST /token paired",
  "email -> idp GET /.well-known/jwks.json paired",
  "external -> edge-gateway GET /v1/carts/{id} root",
  "external -> edge-gateway POST /v1/carts/{id}/items root",
  "external -> edge-gateway POST /v1/orders root",
  "external -> edge-gateway POST /v1/sessions root",
  "inventory -> idp GET /.well-known/jwks.json paired",
  "payments -> idp GET /.well-known/jwks.json paired",
];
const patience = { timeout: 30_000, interval: 200 };

let sink: SpanSink;
let fleet: Fleet;

beforeAll(async () => {
  sink = await openSpanSink();
  fleet = await startFleet(sink.address);
}, 60_000);

afterAll(async () => {
  await fleet.stop();
  sink.close();
}, 30_000);

/** Sends at least so many requests and waits for the answers; returns how many were sent and how many failed. */
async function visitShop(requests: number) {
  const load = startLoad(fleet.addresses["edge-gateway"] ?? "", 20);
  await expect.poll(() => load.figures().sent, patience).toBeGreaterThanOrEqual(requests);
  await load.stop();
  return load.figures();
}

function hops(): readonly string[] {
  return describeHops(assembleAll(sink), { operations: true }).map((line) => line.replace(/ n=\d+$/u, ""));
}

function findings(): readonly string[] {
  return judgeAll(assembleAll(sink), baseline).map((line) => line.replace(/:\d+$/u, ""));
}

test("visitors are served, both ends of every call are seen, and nothing of it is undeclared", async () => {
  const { failed, lastFailure } = await visitShop(12);
  expect({ failed, lastFailure }).toEqual({ failed: 0, lastFailure: null });
  // Both at once: while one end of a call is still on its way, it looks like a call by nobody.
  const seen = () => ({ hops: hops(), findings: findings() });
  await expect.poll(seen, patience).toEqual({ hops: DECLARED, findings: [] });
});

test.each(ATTACK_NAMES)("attack %s succeeds, and raises what it is to raise for its culprit alone", async (attack) => {
  const { rule, caller, callee, also, accomplice }: AttackPlan = ATTACKS[attack];
  await fleet.attack(null);
  const before = findings();
  const raised = () => findings().filter((line) => !before.includes(line));
  await fleet.attack(attack);
  expect((await visitShop(4)).failed).toBe(0);
  await expect.poll(raised, patience).toContain(`${rule} ${caller} -> ${callee}`);
  // Of what two services share, neither is named as the culprit.
  const culprits = ["null", caller ?? callee, ...(accomplice === undefined ? [] : [accomplice])];
  // Once checkout's identity was stolen, calls of its own that come later show it as shared, in whatever attack.
  const expected = ["shared-identity null", ...[rule, ...also].flatMap((id) => culprits.map((who) => `${id} ${who}`))];
  // While one end of a call is still on its way, it looks like a call by nobody.
  const others = () => raised().filter((line) => !expected.some((start) => line.startsWith(start)));
  await expect.poll(others, patience).toEqual([]);
});

test.each(ATTACK_NAMES)("attack %s goes through: no request fails", async (attack) => {
  await fleet.attack(attack);
  const { failed, lastFailure } = await visitShop(8);
  expect({ failed, lastFailure }).toEqual({ failed: 0, lastFailure: null });
});

test("a stopped fleet leaves no process behind", async () => {
  await fleet.stop();
  expect([...fleet.pids.values()].filter(isAlive)).toEqual([]);
});

test("when main is killed, its services end too", async () => {
  const main = spawn(process.execPath, ["demo/main.ts", "--collector", sink.address], { cwd: root, stdio: "pipe" });
  let output = "";
  main.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  await expect.poll(() => output, patience).toContain("Ctrl-C stops everything");
  const pids = [...output.matchAll(/pid (\d+)/gu)].map(([, pid]) => Number(pid));
  expect(pids).toHaveLength(7);
  main.kill("SIGKILL");
  await expect.poll(() => pids.filter(isAlive), patience).toEqual([]);
});

test("without a collector the demo says what to do, and starts nothing", () => {
  const { status, stderr } = spawnSync(process.execPath, ["demo/main.ts", "--collector", "127.0.0.1:1"], {
    cwd: root,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "No collector answers on 127.0.0.1:1. Start one first, in another terminal: npm start\n",
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
