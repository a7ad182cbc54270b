import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import { ATTACK_NAMES, ATTACKS, type Attack, type AttackPlan } from "./attacks.ts";
import type { Fleet } from "./fleet.ts";

const LAUNCHER = fileURLToPath(new URL("../bin/trustdrift", import.meta.url));
/** A guess about a call whose other end sends no spans is made after 15 s. */
const RAISED_WITHIN_MS = 22_000;
const ASK_EVERY_MS = 1500;
/** Until the spans of the attack before are in, so that its alerts are not this one's. */
const QUIET_MS = 4000;

type Alert = {
  readonly rule: string;
  readonly caller: string | null;
  readonly callee: string | null;
  readonly lastSeen: string;
};

/** Runs every attack for as long as it takes until its alert shows, and prints what was raised beside what was expected. */
export async function runAllAttacks(fleet: Fleet, db: string, signal: AbortSignal): Promise<void> {
  const rows: string[][] = [["ATTACK", "FAMILY", "EXPECTED", "SEEN", "ALSO RAISED"]];
  for (const attack of ATTACK_NAMES) {
    if (signal.aborted) break;
    const plan: AttackPlan = ATTACKS[attack];
    console.log(styleText("bold", `Attack ${attack}: ${plan.does}.`));
    const raised = await runOne(fleet, attack, db);
    const isSeen = raised.some((alert) => isExpected(alert, plan));
    console.log(isSeen ? `  raised   ${plan.rule}` : styleText("yellow", `  ${plan.rule} was not raised`));
    const others = new Set(raised.filter((alert) => alert.rule !== plan.rule).map(({ rule }) => rule));
    rows.push([attack, plan.family, plan.rule, isSeen ? "yes" : "NOT RAISED", [...others].sort().join(", ") || "-"]);
  }
  console.log(`\n${formatTable(rows)}\n`);
}

/** The alerts that were seen while the attack went on. */
async function runOne(fleet: Fleet, attack: Attack, db: string): Promise<readonly Alert[]> {
  await sleep(QUIET_MS);
  const since = new Date().toISOString();
  const untilMs = performance.now() + RAISED_WITHIN_MS;
  await fleet.attack(attack);
  let raised: readonly Alert[] = [];
  while (performance.now() < untilMs && !raised.some((alert) => isExpected(alert, ATTACKS[attack]))) {
    await sleep(ASK_EVERY_MS);
    raised = (await listAlerts(db)).filter(({ lastSeen }) => lastSeen >= since);
  }
  await fleet.attack(null);
  return raised;
}

function isExpected(alert: Alert, { rule, caller, callee }: AttackPlan): boolean {
  const isCaller = alert.caller === null || alert.caller === caller;
  return alert.rule === rule && isCaller && alert.callee?.replace(/:\d+$/, "") === callee;
}

function listAlerts(db: string): Promise<readonly Alert[]> {
  return new Promise((resolve, reject) => {
    const options = { encoding: "utf8", maxBuffer: 2 ** 26 } as const;
    execFile(LAUNCHER, ["alerts", "list", "-o", "json", "--db", db], options, (error, out) =>
      error === null ? resolve(JSON.parse(out)) : reject(error),
    );
  });
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
