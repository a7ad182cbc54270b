import { existsSync, statSync } from "node:fs";
import { ASSEMBLER_DEFAULTS } from "./assemble/assembler.ts";
import { readAttributeMap } from "./attribute-map-file.ts";
import { type LoadedBaseline, loadBaseline } from "./baseline-source.ts";
import { buildRooms } from "./build-rooms.ts";
import { parseBaseline } from "./declare/parse-baseline.ts";
import { Engine, nowMs, putInForce } from "./engine.ts";
import { fingerprintKeyFile, openFingerprintKeys } from "./fingerprint-key-file.ts";
import { RATES_KEPT_MS } from "./judge/service-rates.ts";
import { KEPT_MAX } from "./judge/told-facts.ts";
import type { Baseline } from "./model/baseline.ts";
import type { Facts } from "./model/facts.ts";
import { OperatingError } from "./model/operating-error.ts";
import { type BaselineRevision, DIGESTS_KEPT_MS, type Store } from "./model/store.ts";
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
  /** A file that says what attributes mean which somebody else writes; null for none. */
  readonly attributeMap?: string | null;
};

export type OpenEngine = {
  readonly engine: Engine;
  readonly loaded: LoadedBaseline;
  /** Commits what was taken and lets go of the database. */
  readonly close: () => Promise<void>;
};

/** Whom to tell: what is worth a line of the log, and what is being done until the engine has started. */
export type Telling = { readonly log: ReceiverLog; readonly starting: (step: string) => void };

/** Opens the database, as its only writer, and goes on where the last run ended. Throws `OperatingError`. */
export async function openEngine(setup: EngineSetup, telling: Telling): Promise<OpenEngine> {
  requireWhole(setup.dbFile);
  const lock = lockDatabase(setup.dbFile);
  const { log, starting } = telling;
  try {
    starting("reading the baseline");
    const loaded = loadBaseline(setup.baselineDir, nowMs());
    starting("opening the database");
    const store = openStore(setup.dbFile, 2 * windowOf(setup) + JOURNAL_SLACK_MS);
    const last = await store.latestBaseline();
    const rooms = await openRooms(store, lastBaseline(last, loaded), setup);
    const { endMs: startMs, newShapes } = goOn(store, rooms, windowOf(setup), telling);
    const digests = store.digests(startMs - DIGESTS_KEPT_MS);
    const changes = last?.revision === loaded.baseline.revision ? {} : putInForce(loaded, rooms);
    const engine = new Engine({ store, rooms, loaded, log, digests, startMs, first: { ...changes, newShapes } });
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

async function openRooms(store: Store, baseline: Baseline, setup: EngineSetup): Promise<Rooms> {
  const { settleMs, windowMs, dbFile } = setup;
  const assembler = { ...(settleMs === null ? {} : { settleMs }), ...(windowMs === null ? {} : { windowMs }) };
  const fingerprintKey = openFingerprintKeys(dbFile);
  const attributeMap = readAttributeMap(setup.attributeMap ?? null);
  const [alerts, shapes] = [store.bookedAlerts(), await store.shapes()];
  const aliases = store.aliasSightings();
  const facts = await recallFacts(store);
  const observedSinceMs = store.observedSinceMs();
  return buildRooms({
    baseline,
    atMs: nowMs(),
    fingerprintKey,
    alerts,
    shapes,
    aliases,
    facts,
    identityUses: store.identityUses(),
    observedSinceMs,
    assembler,
    attributeMap,
  });
}

/** What earlier runs told once, as much as is kept to be judged again. */
export async function recallFacts(store: Store): Promise<Partial<Facts>> {
  return {
    relays: await store.relays(KEPT_MAX),
    exchanges: await store.exchanges(KEPT_MAX),
    reuses: await store.reuses(KEPT_MAX),
    telemetry: await store.telemetry(KEPT_MAX),
    services: store.serviceHours(nowMs() - RATES_KEPT_MS),
  };
}

/**
 * The baseline of the last run: what it found was found under that one. One that changed in between is then a change
 * like any other. The loaded one stands in where there is none, or where it can no longer be read.
 */
function lastBaseline(last: BaselineRevision | null, { baseline }: LoadedBaseline): Baseline {
  if (last === null || last.revision === baseline.revision) return baseline;
  return parseBaseline(last.files).baseline ?? baseline;
}

type Ended = Pick<Resumed, "endMs" | "newShapes">;

/** Goes on where the last run ended, and says how long that took. */
function goOn(store: Store, rooms: Rooms, windowMs: number, { log, starting }: Telling): Ended {
  const resumed = resume(store, rooms, {
    ...{ windowMs, producerMs: ASSEMBLER_DEFAULTS.producerMs },
    clock: () => performance.now(),
    progress: (soFar) => {
      const step = `reading the journal again: ${Math.floor(soFar.fraction * 100)} %, ${told(soFar)}`;
      starting(step);
      log("info", step);
    },
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
