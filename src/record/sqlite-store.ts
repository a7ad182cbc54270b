import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import { createAddressBook } from "../model/alias.ts";
import { readEdges } from "../model/observed-graph.ts";
import { OperatingError } from "../model/operating-error.ts";
import type { CommitBatch, Store, StoreReader, TimeRange } from "../model/store.ts";
import { alertReader, alertsReader, alertWriter } from "./alerts.ts";
import { aliasReader, observedAliases } from "./aliases.ts";
import { auditReader, auditWriter } from "./audit.ts";
import { baselineReader, baselineWriter } from "./baselines.ts";
import { bookedAlertsReader } from "./booked-alerts.ts";
import { Checkpoints } from "./checkpoints.ts";
import { credentialWriter, observedCredentials } from "./credentials.ts";
import { edgeReader, proxiedEdgeReader } from "./edges.ts";
import { forgetter } from "./forget.ts";
import { HeldCounts } from "./held-counts.ts";
import { identityUseReader, identityUseWriter } from "./identity-uses.ts";
import { digestReader, journalEndReader, journalReader, journalWriter } from "./journal.ts";
import { checkVersion, migrate, requireCurrentVersion } from "./migrations.ts";
import { pairCountReader, presentationWriter } from "./presentations.ts";
import { makePrivateFile } from "./private-file.ts";
import { exchangeReader, exchangeWriter, relayReader, relayWriter } from "./relays.ts";
import { generationReader, generationWriter } from "./remembered-generations.ts";
import { producersReader, producersWriter } from "./remembered-producers.ts";
import { serviceReaders } from "./services.ts";
import { seenShapeReader, shapeReader, shapeWriter } from "./shapes.ts";
import { reuseReader, reuseWriter, telemetryReader, telemetryWriter } from "./sightings.ts";
import { guardStorage } from "./storage-error.ts";
import { openWalSync } from "./wal-sync.ts";

/** How long a statement waits for another process to let go of the file. */
const BUSY_TIMEOUT_MS = 5_000;
/** How long a commit waits: the engine can do nothing else meanwhile, and what it could not write it tries again. */
const COMMIT_BUSY_TIMEOUT_MS = 500;

/** Two of the longest windows that can be set. */
const JOURNAL_KEPT_MS = 10 * 60_000;

/**
 * Opens the database for writing, made and brought up to date as needed; `:memory:` keeps nothing.
 * `journalKeptMs` is how much of the journal a collector that starts again may want.
 */
export function openStore(file: string, journalKeptMs = JOURNAL_KEPT_MS): Store {
  if (file !== ":memory:") guardStorage(file, "create", () => makePrivateFile(file));
  return storeOver(open(file, {}, prepareForWriting), file, journalKeptMs);
}

/** The store over a connection that is ready for writing; `file` is for messages. */
export function storeOver(db: Database.Database, file: string, journalKeptMs = JOURNAL_KEPT_MS): Store {
  db.pragma(`busy_timeout = ${COMMIT_BUSY_TIMEOUT_MS}`);
  const held = guardStorage(file, "open", () => new HeldCounts(db));
  const commit = commitWriter(db, held, journalKeptMs);
  const settle = settler(db, held);
  const log = file === ":memory:" ? null : openWalSync(db.name);
  const checkpoints = new Checkpoints(db);
  const store = reader(db, file, settle);
  const forget = forgetter(db);
  return {
    ...store,
    commit: async (batch) => {
      await checkpoints.settled();
      guardStorage(file, "write to", () => commit(batch));
      if (log !== null) checkpoints.add(batch.journal);
    },
    isHolding: () => held.isHolding,
    sync: async () => log?.sync(),
    close: () => {
      checkpoints.close();
      settleAtLast(settle, file);
      log?.close();
      store.close();
    },
    forget: async (cutoffs) => guardStorage(file, "write to", () => forget(cutoffs)),
  };
}

/** Opens a database that a collector has made, for reading only, also while the collector runs. */
export function openReader(file: string): StoreReader {
  if (!existsSync(file)) {
    throw new OperatingError(
      "database-missing",
      `cannot open ${file}: no such database; start the collector with \`npm start\`, or name another with --db FILE`,
    );
  }
  return reader(open(file, { readonly: true, fileMustExist: true }, requireCurrentVersion), file);
}

type Prepare = (db: Database.Database, file: string) => void;

function open(file: string, options: Database.Options, prepare: Prepare): Database.Database {
  return guardStorage(file, "open", () => {
    const db = new Database(file, { ...options, timeout: BUSY_TIMEOUT_MS });
    try {
      prepare(db, file);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

/** Makes a connection ready for writing: its settings, and the newest schema. */
export function prepareForWriting(db: Database.Database, file: string): void {
  checkVersion(db, file);
  // Only a new database takes it up: journal rows of some 70 kB cost half as much in pages four times the usual size.
  db.pragma("page_size = 16384");
  db.pragma("journal_mode = WAL");
  // What is answered OK has to survive a power cut: `sync` sees to that, so that a commit need not wait for the disk.
  db.pragma("synchronous = NORMAL");
  // What is deleted is to be gone.
  db.pragma("secure_delete = ON");
  db.pragma("foreign_keys = ON");
  migrate(db, file);
}

/** Puts the counts that are held back where readers see them. */
function settler(db: Database.Database, held: HeldCounts): () => void {
  const transaction = db.transaction(() => held.writeAll());
  return () => {
    if (held.isHolding) transaction.immediate()();
  };
}

/** A database that cannot be written keeps what is held, for whoever opens it next. */
function settleAtLast(settle: () => void, file: string): void {
  try {
    guardStorage(file, "write to", settle);
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
  }
}

/** What the rows of one table refer to is written before them. */
function commitWriter(db: Database.Database, held: HeldCounts, journalKeptMs: number): (batch: CommitBatch) => void {
  const keepCredential = credentialWriter(db);
  const keepShape = shapeWriter(db, keepCredential);
  const keepPresentation = presentationWriter(db, keepCredential);
  const keepAlert = alertWriter(db);
  const appendAudit = auditWriter(db);
  const appendJournal = journalWriter(db, journalKeptMs);
  const keepRelay = relayWriter(db);
  const keepExchange = exchangeWriter(db);
  const keepReuse = reuseWriter(db);
  const keepTelemetry = telemetryWriter(db);
  const keepUses = generationWriter(db, "uses");
  const keepProducers = producersWriter(db);
  const keepPairs = generationWriter(db, "pairs");
  const keepIdentityUse = identityUseWriter(db);
  const keepBaseline = baselineWriter(db);
  const transaction = db.transaction((batch: CommitBatch) => {
    appendJournal(batch.journal);
    each(batch.producers, keepProducers);
    each(batch.pairs, keepPairs);
    each(batch.uses, keepUses);
    each(batch.relays, keepRelay);
    each(batch.exchanges, keepExchange);
    each(batch.reuses, keepReuse);
    each(batch.telemetry, keepTelemetry);
    each(batch.newShapes, keepShape);
    const keepHeld = held.write(batch);
    each(batch.presentations, keepPresentation);
    each(batch.identityUses, keepIdentityUse);
    each(batch.alerts, keepAlert);
    each(batch.audit, appendAudit);
    each(batch.baselines, keepBaseline);
    return keepHeld;
  });
  return (batch) => transaction.immediate(batch)();
}

function each<Row>(rows: readonly Row[], keep: (row: Row) => void): void {
  for (const row of rows) keep(row);
}

/** `settle` is called before anything is read that counts. */
function reader(db: Database.Database, file: string, settle = () => {}): StoreReader {
  const edges = edgeReader(db);
  const proxiedEdges = proxiedEdgeReader(db);
  const aliases = aliasReader(db);
  const graph = (range: TimeRange) => ({ edges: edges(range), aliases: aliases() });
  const services = serviceReaders(db);
  const alerts = alertsReader(db);
  const alert = alertReader(db);
  const bookedAlerts = bookedAlertsReader(db, (work) => guardStorage(file, "read", work));
  const audit = auditReader(db);
  const shapes = shapeReader(db);
  const seenShapes = seenShapeReader(db);
  const facts = factReader(db);
  const latestBaseline = baselineReader(db);
  const read = <Result>(work: () => Result) => guardStorage(file, "read", work);
  const readCounts = <Result>(work: () => Result) => {
    settle();
    return read(work);
  };
  return {
    edges: async (range) => readCounts(() => readEdges(graph(range))),
    proxiedEdges: async (range) => readCounts(() => proxiedEdges(range)),
    graph: async (range) => readCounts(() => graph(range)),
    aliasSightings: () => readCounts(aliases),
    aliases: async (range) => readCounts(() => observedAliases(aliases(), range)),
    services: async (range) => readCounts(() => services.inRange(range)),
    serviceHours: (fromMs) => readCounts(() => services.byHour(fromMs)),
    observedSinceMs: () => readCounts(services.sinceMs),
    credentials: async (range) =>
      readCounts(() => observedCredentials(seenShapes(range, createAddressBook(aliases())))),
    alerts: async (filter) => read(() => alerts(filter)),
    alert: async (idOrKey) => read(() => alert(idOrKey)),
    bookedAlerts: () => read(bookedAlerts),
    audit: async (alertId) => read(() => audit(alertId)),
    shapes: async () => readCounts(shapes),
    seenShapes: async (range) => readCounts(() => seenShapes(range, createAddressBook(aliases()))),
    ...memoryReader(db, read),
    relays: async (countMax) => read(() => facts.relays(countMax)),
    exchanges: async (countMax) => read(() => facts.exchanges(countMax)),
    reuses: async (countMax) => read(() => facts.reuses(countMax)),
    telemetry: async (countMax) => read(() => facts.telemetry(countMax)),
    latestBaseline: async () => read(latestBaseline),
    close: () => void db.close(),
  };
}

type Remembered =
  | "journal"
  | "journalEndMs"
  | "digests"
  | "producers"
  | "pairs"
  | "uses"
  | "identityUses"
  | "pairCounts";

/** What a start goes on from. */
function memoryReader(
  db: Database.Database,
  read: <Result>(work: () => Result) => Result,
): Pick<StoreReader, Remembered> {
  const journal = journalReader(db);
  const journalEndMs = journalEndReader(db);
  const digests = digestReader(db);
  const producers = producersReader(db);
  const pairs = generationReader(db, "pairs");
  const uses = generationReader(db, "uses");
  const identityUses = identityUseReader(db);
  const pairCounts = pairCountReader(db);
  return {
    journal: (fromMs) => read(() => journal(fromMs)),
    journalEndMs: () => read(journalEndMs),
    digests: (fromMs) => read(() => digests(fromMs)),
    producers: (fromMs) => read(() => producers(fromMs)),
    pairs: () => read(pairs),
    uses: () => read(uses),
    identityUses: () => read(identityUses),
    pairCounts: (fingerprint) => read(() => pairCounts(fingerprint)),
  };
}

/** What was told once and is judged again after a start. */
function factReader(db: Database.Database) {
  return {
    relays: relayReader(db),
    exchanges: exchangeReader(db),
    reuses: reuseReader(db),
    telemetry: telemetryReader(db),
  };
}
