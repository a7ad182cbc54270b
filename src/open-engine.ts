import { existsSync, statSync } from "node:fs";
import { ASSEMBLER_DEFAULTS } from "./assemble/assembler.ts";
import { type LoadedBaseline, loadBaseline } from "./baseline-source.ts";
import { buildRooms } from "./build-rooms.ts";
import { Engine, nowMs } from "./engine.ts";
import { fingerprintKeyFile, openFingerprintKey } from "./fingerprint-key-file.ts";
import { OperatingError } from "./model/operating-error.ts";
import { DIGESTS_KEPT_MS, EVERY_ALERT, type Store } from "./model/store.ts";
import { type Rooms, replay } from "./pipeline.ts";
import type { ReceiverLog } from "./receive/take-export.ts";
import { lockDatabase } from "./record/lock.ts";
import { openStore } from "./record/sqlite-store.ts";

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
    const startMs = resume(store, rooms, { setup, log });
    const digests = store.digests(startMs - DIGESTS_KEPT_MS);
    const engine = new Engine({ store, rooms, loaded, log, digests, startMs });
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

async function openRooms(store: Store, { baseline }: LoadedBaseline, setup: EngineSetup): Promise<Rooms> {
  const { settleMs, windowMs, dbFile } = setup;
  const assembler = { ...(settleMs === null ? {} : { settleMs }), ...(windowMs === null ? {} : { windowMs }) };
  const fingerprintKey = openFingerprintKey(dbFile);
  const [alerts, shapes] = [await store.alerts(EVERY_ALERT), await store.shapes()];
  const { aliases } = await store.graph({ fromMs: 0, toMs: 0 });
  return buildRooms({ baseline, fingerprintKey, alerts, shapes, aliases, assembler });
}

/**
 * Puts the spans that still waited when the last run ended back into their places; returns collector time.
 * Two windows of the journal hold every span that any waiting span may have met.
 */
function resume(
  store: Store,
  rooms: Rooms,
  { setup, log }: { readonly setup: EngineSetup; readonly log: ReceiverLog },
): number {
  const endMs = store.journalEndMs();
  if (endMs === null) return nowMs();
  const startedMs = performance.now();
  const rows = replay(store.journal(endMs - 2 * windowOf(setup)), rooms);
  const { waiting } = rooms.assembler.figures();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  log("info", `read ${rows} journal rows again in ${seconds} s: ${waiting} spans wait for their other half`);
  return endMs;
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
