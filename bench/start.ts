import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedBaseline, loadBaseline } from "../src/baseline-source.ts";
import { EMPTY_COMMIT } from "../src/model/store.ts";
import { openStore } from "../src/record/sqlite-store.ts";
import { describeMachine, serveArguments } from "./bench-run.ts";
import { fillDatabase } from "./fill-database.ts";
import { declareFleet } from "./fleet.ts";
import type { Options } from "./options.ts";
import { readStoredTotals, type StoredTotals } from "./stored-totals.ts";
import { decimal, printTable, whole } from "./table.ts";
import { type Environment, startTarget } from "./target.ts";

type Start = {
  readonly name: string;
  readonly stored: StoredTotals;
  readonly readySeconds: number;
  /** Of it, reading the journal again. */
  readonly replaySeconds: number;
  readonly requests: number;
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
    await keepBaseline(join(folder, "full.db"), loadBaseline(baselineDir));
    // What Node compiles is kept, as `bin/trustdrift` does; the first start is for that alone.
    const env = { NODE_COMPILE_CACHE: join(folder, "compiled") };
    const empty = () => join(mkdtempSync(join(folder, "empty-")), "empty.db");
    await measureStart("first", empty(), { baselineDir, env });
    const rows = [
      await measureStart("nothing at all", empty(), { baselineDir: join(folder, "no-baseline"), env }),
      await measureStart("nothing stored", empty(), { baselineDir, env }),
      await measureStart("much stored", join(folder, "full.db"), { baselineDir, env }),
    ];
    if (options.isJson) return JSON.stringify(rows, null, 2);
    const load = `seed ${options.seed}, a baseline of ${whole(fleet.services.length)} services; filled in ${whole(filledSeconds)} s; ${describeMachine()}`;
    return `${load}\n\n${describe(rows)}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is stored was found under this baseline, as in a collector that is started again. */
async function keepBaseline(dbFile: string, { baseline: { revision }, files }: LoadedBaseline): Promise<void> {
  const store = openStore(dbFile);
  await store.commit({ ...EMPTY_COMMIT, baselines: [{ revision, loadedAtMs: Date.now(), files }] });
  store.close();
}

type Setup = { readonly baselineDir: string; readonly env: Environment };

async function measureStart(name: string, dbFile: string, { baselineDir, env }: Setup): Promise<Start> {
  const startMs = performance.now();
  const target = await startTarget(serveArguments(dbFile, baselineDir), env);
  try {
    const response = await fetch(`http://127.0.0.1:${target.apiPort}/readyz`);
    if (!response.ok) throw new Error(`expected /readyz to answer 200, got ${response.status}`);
    const readySeconds = (performance.now() - startMs) / 1000;
    const replay = /read the journal again: (\d+) requests with \d+ spans in ([\d.]+) s;/u.exec(target.log());
    const [, requests, seconds] = replay ?? [];
    const replayed = { requests: Number(requests ?? 0), replaySeconds: Number(seconds ?? 0) };
    return { name, stored: readStoredTotals(dbFile), readySeconds, ...replayed, rssMaxMib: target.rssMaxMib() };
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
      "requests replayed",
      "to ready s",
      "of it replay s",
      "the rest s",
      "RSS max MiB",
    ],
    rows.map(({ name, stored, requests, readySeconds, replaySeconds, rssMaxMib }) => [
      name,
      ...[stored.mib, stored.alerts, stored.shapes, requests].map(whole),
      ...[readySeconds, replaySeconds, readySeconds - replaySeconds].map((seconds) => decimal(seconds, 1)),
      whole(rssMaxMib),
    ]),
  );
}
