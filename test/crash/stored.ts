import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import type { ObservedEdge, ObservedService } from "../../src/model/store.ts";
import type { AlertRow } from "../../src/review/cli/alert-row.ts";
import type { Home } from "./victim.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const SETTLE_POLL_MS = 250;
const SETTLE_MS_MAX = 120_000;

/** What is stored, a line for each thing, by a name that two runs share; times and ids are left out. */
export type Stored = ReadonlyMap<string, string>;

/** Reads through the command line what a collector has stored. */
export async function readStored({ dbFile }: Home): Promise<Stored> {
  const ask = async <Row>(...args: readonly string[]): Promise<readonly Row[]> => {
    const run = promisify(execFile)(process.execPath, [MAIN, ...args, "--db", dbFile, "-o", "json"], {
      timeout: 30_000,
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse((await run).stdout) as readonly Row[];
  };
  const [edges, services, credentials, alerts] = await Promise.all([
    ask<ObservedEdge>("observe", "edges"),
    ask<ObservedService>("observe", "services"),
    ask<Record<string, unknown>>("observe", "credentials"),
    ask<AlertRow>("alerts", "list", "--status", "all"),
  ]);
  return new Map([
    ...edges.map(({ firstSeen, lastSeen, ...edge }) => [`edge ${edgeName(edge)}`, JSON.stringify(edge)] as const),
    ...services.map(
      ({ firstSeen, lastSeen, ...service }) => [`service ${service.service}`, JSON.stringify(service)] as const,
    ),
    ...credentials.map(credentialLine),
    ...alerts
      .filter(isMoreThanGuess)
      .map((alert) => [`alert ${alertName(alert)}`, `${alert.status} ${alert.severity} n=${alert.count}`] as const),
  ]);
}

/** What differs between two runs, a line each. */
export function differences(expected: Stored, actual: Stored): readonly string[] {
  const names = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return names.flatMap((name) => {
    const [one, other] = [expected.get(name), actual.get(name)];
    if (one === other) return [];
    return [`${name}\n  never killed: ${one ?? "(absent)"}\n  killed:       ${other ?? "(absent)"}`];
  });
}

/**
 * Resolves when the figures in the database have stood still for longer than spans wait at all: what a service received
 * before it presented a credential is decided no earlier where a span between is missing.
 */
export async function settled({ dbFile, windowSeconds }: Home): Promise<void> {
  const db = new Database(dbFile, { readonly: true, timeout: 5_000 });
  try {
    const deadlineMs = performance.now() + SETTLE_MS_MAX;
    let [figures, sinceMs] = ["", performance.now()];
    while (performance.now() < sinceMs + windowSeconds * 1000 + 1_500) {
      if (performance.now() > deadlineMs) throw new Error("the figures did not come to rest");
      const now = JSON.stringify(db.prepare(FIGURES).get());
      if (now !== figures) [figures, sinceMs] = [now, performance.now()];
      await pause(SETTLE_POLL_MS);
    }
  } finally {
    db.close();
  }
}

/** What SQLite itself finds wrong with a database; empty where nothing is. */
export function unsoundness({ dbFile }: Home): readonly string[] {
  const db = new Database(dbFile, { readonly: true });
  try {
    const check = db.pragma("integrity_check", { simple: true });
    const orphans = db.pragma("foreign_key_check") as readonly unknown[];
    const below = db
      .prepare("SELECT shape_key FROM shape_count GROUP BY shape_key, confidence HAVING SUM(count) < 0")
      .all();
    return [
      ...(check === "ok" ? [] : [`integrity check: ${String(check)}`]),
      ...orphans.map((orphan) => `broken reference: ${JSON.stringify(orphan)}`),
      ...below.map((row) => `count below zero: ${JSON.stringify(row)}`),
    ];
  } finally {
    db.close();
  }
}

const FIGURES = `SELECT
  (SELECT MAX(position) FROM journal) AS journal,
  (SELECT SUM(count) FROM shape_count) AS hops,
  (SELECT SUM(spans) FROM service_count) AS spans,
  (SELECT SUM(count) FROM alert) AS sightings`;

/** An alert that was raised on a guess and taken back tells how late the other half came, which kills decide. */
function isMoreThanGuess({ status, count }: AlertRow): boolean {
  return status !== "resolved" || count > 0;
}

type EdgeName = Pick<ObservedEdge, "caller" | "callee" | "calleeKind" | "type" | "via">;

function edgeName({ caller, callee, calleeKind, type, via }: EdgeName): string {
  return `${caller} -> ${callee} (${calleeKind}) ${type}${via === null ? "" : ` via ${via}`}`;
}

function credentialLine({ firstSeen, lastSeen, ...row }: Record<string, unknown>): readonly [string, string] {
  return [`credential ${row.issuer} ${row.client} ${row.audiences}`, JSON.stringify(row)];
}

function alertName({ key, rule, caller, callee }: AlertRow): string {
  return `${rule} ${caller ?? "-"} -> ${callee ?? "-"} ${key}`;
}
