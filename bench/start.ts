import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine, serveArguments } from "./bench-run.ts";
import { fillDatabase } from "./fill-database.ts";
import { declareFleet } from "./fleet.ts";
import type { Options } from "./options.ts";
import { readStoredTotals, type StoredTotals } from "./stored-totals.ts";
import { decimal, printTable, whole } from "./table.ts";
import { startTarget } from "./target.ts";

type Start = {
  readonly name: string;
  readonly stored: StoredTotals;
  readonly readySeconds: number;
  /** Of it, reading the journal again. */
  readonly replaySeconds: number;
  readonly journalRows: number;
  readonly rssMaxMib: number;
};

/** How long a collector takes from its start until it serves: with nothing stored, and with much. */
export async function benchStart(options: Options): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-bench-"));
  try {
    const startMs = performance.now();
    const fleet = await fillDatabase(join(folder, "full.db"), options);
    const filledSeconds = (performance.now() - startMs) / 1000;
    const baselineDir = join(folder, "baseline");
    mkdirSync(baselineDir);
    writeFileSync(join(baselineDir, "bench.yaml"), declareFleet(fleet));
    const rows = [
      await measureStart("nothing stored", join(mkdtempSync(join(folder, "empty-")), "empty.db"), baselineDir),
      await measureStart("much stored", join(folder, "full.db"), baselineDir),
    ];
    if (options.isJson) return JSON.stringify(rows, null, 2);
    const load = `seed ${options.seed}, a baseline of ${whole(fleet.services.length)} services; filled in ${whole(filledSeconds)} s; ${describeMachine()}`;
    return `${load}\n\n${describe(rows)}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureStart(name: string, dbFile: string, baselineDir: string): Promise<Start> {
  const startMs = performance.now();
  const target = await startTarget(serveArguments(dbFile, baselineDir));
  try {
    const response = await fetch(`http://127.0.0.1:${target.apiPort}/readyz`);
    if (!response.ok) throw new Error(`expected /readyz to answer 200, got ${response.status}`);
    const readySeconds = (performance.now() - startMs) / 1000;
    const [, journalRows, replaySeconds] = /read (\d+) journal rows again in ([\d.]+) s/u.exec(target.log()) ?? [];
    const replay = { journalRows: Number(journalRows ?? 0), replaySeconds: Number(replaySeconds ?? 0) };
    return { name, stored: readStoredTotals(dbFile), readySeconds, ...replay, rssMaxMib: target.rssMaxMib() };
  } finally {
    await target.stop();
  }
}

function describe(rows: readonly Start[]): string {
  return printTable(
    [
      "",
      "database MiB",
      "alerts",
      "shapes",
      "journal rows",
      "to ready s",
      "of it replay s",
      "the rest s",
      "RSS max MiB",
    ],
    rows.map(({ name, stored, journalRows, readySeconds, replaySeconds, rssMaxMib }) => [
      name,
      ...[stored.mib, stored.alerts, stored.shapes, journalRows].map(whole),
      ...[readySeconds, replaySeconds, readySeconds - replaySeconds].map((seconds) => decimal(seconds, 1)),
      whole(rssMaxMib),
    ]),
  );
}
