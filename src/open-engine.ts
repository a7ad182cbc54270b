import { existsSync, statSync } from "node:fs";
import { ASSEMBLER_DEFAULTS } from "./assemble/assembler.ts";
import { type LoadedBaseline, loadBaseline } from "./baseline-source.ts";
import { buildRooms } from "./build-rooms.ts";
import { parseBaseline } from "./declare/parse-baseline.ts";
import { Engine, nowMs } from "./engine.ts";
import { fingerprintKeyFile, openFingerprintKey } from "./fingerprint-key-file.ts";
import { KEPT_MAX } from "./judge/verdicts.ts";
import type { Baseline } from "./model/baseline.ts";
import { OperatingError } from "./model/operating-error.ts";
import { DIGESTS_KEPT_MS, EVERY_ALERT, type Store } from "./model/store.ts";
import type { Rooms } from "./pipeline.ts";
import type { ReceiverLog } from "./receive/take-export.ts";
import { lockDatabase } from "./record/lock.ts";
import { openStore } from "./record/sqlite-store.ts";
import { type Replayed, type Resumed, resume } from "./resume.ts";

const JOURNAL_SLACK_MS = 10_000;

export type EngineSetup = {
  readonly dbFile: string;
  readonly baselineDir: string;
  readonly settleMs: number | null;
  readonly windowMs: number | null;
};

export type OpenEngine = {
  readonly engine: Engine;
  readonly loaded: LoadedBaseline;
  /** Commits what was taken and lets go of the database. */
  readonly close: () => Promise<void>;
};

/** Opens the database, as its only writer, and goes on where the last run ended. Throws `OperatingError`. */
export async function openEngine(setup: EngineSetup, log: ReceiverLog): Promise<OpenEngine> {
  const loaded = loadBaseline(setup.baselineDir);
  requireWhole(setup.dbFile);
  const lock = lockDatabase(setup.dbFile);
  try {
    const store = openStore(setup.dbFile, 2 * windowOf(setup) + JOURNAL_SLACK_MS);
    const rooms = await openRooms(store, loaded, setup);
    const { endMs: startMs, newShapes } = goOn(store, rooms, { setup, log });
    const digests = store.digests(startMs - DIGESTS_KEPT_MS);
    const engine = new Engine({ store, rooms, loaded, log, digests, startMs, newShapes });
    await engine.saveBaseline(loaded);
    const close = async (): Promise<void> => {
      await engine.stop();
      store.close();
      lock.release();
    };
    return { engine, loaded, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openRooms(store: Store, loaded: LoadedBaseline, setup: EngineSetup): Promise<Rooms> {
  const { settleMs, windowMs, dbFile } = setup;
  const assembler = { ...(settleMs === null ? {} : { settleMs }), ...(windowMs === null ? {} : { windowMs }) };
  const fingerprintKey = openFingerprintKey(dbFile);
  const [alerts, shapes] = [await store.alerts(EVERY_ALERT), await store.shapes()];
  const { aliases } = await store.graph({ fromMs: 0, toMs: 0 });
  const relays = await store.relays(KEPT_MAX);
  const baseline = (await lastBaseline(store)) ?? loaded.baseline;
  return buildRooms({ baseline, fingerprintKey, alerts, shapes, aliases, relays, assembler });
}

/**
 * The baseline of the last run: what it found was found under that one. One that changed in between is then a change
 * like any other. Null where there is none, or where it can no longer be read.
 */
async function lastBaseline(store: Store): Promise<Baseline | null> {
  const latest = await store.latestBaseline();
  return latest === null ? null : parseBaseline(latest.files).baseline;
}

/** Goes on where the last run ended, and says how long that took. */
function goOn(
  store: Store,
  rooms: Rooms,
  { setup, log }: { readonly setup: EngineSetup; readonly log: ReceiverLog },
): Pick<Resumed, "endMs" | "newShapes"> {
  const { producerMs } = ASSEMBLER_DEFAULTS;
  const resumed = resume(store, rooms, {
    ...{ windowMs: windowOf(setup), producerMs },
    clock: () => performance.now(),
    progress: (soFar) =>
      log("info", `reading the journal again: ${Math.floor(soFar.fraction * 100)} %, ${told(soFar)}`),
  });
  if (resumed === null) return { endMs: nowMs(), newShapes: [] };
  const { waiting } = rooms.assembler.figures();
  log("info", `read the journal again: ${told(resumed)}; ${waiting} spans wait for their other half`);
  return resumed;
}

function told({ requests, spans, seconds }: Replayed): string {
  return `${requests} requests with ${spans} spans in ${seconds.toFixed(1)} s`;
}

function windowOf({ windowMs }: EngineSetup): number {
  return windowMs ?? ASSEMBLER_DEFAULTS.windowMs;
}

/** A key without a database beside it is new; with an empty one, the database has been lost. */
function requireWhole(dbFile: string): void {
  if (!existsSync(dbFile) || statSync(dbFile).size > 0 || !existsSync(fingerprintKeyFile(dbFile))) return;
  throw new OperatingError(
    "storage-failed",
    `cannot open ${dbFile}: not a sound database; it is empty and was not, so restore a backup of it, or remove it to start with a new one`,
  );
}
