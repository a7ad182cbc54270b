import { buildRooms } from "../src/build-rooms.ts";
import { openFingerprintKeys } from "../src/fingerprint-key-file.ts";
import type { Alert, AlertStatus } from "../src/model/alert.ts";
import type { Evidence } from "../src/model/graph.ts";
import { EMPTY_COMMIT, type JournalRow, type Store } from "../src/model/store.ts";
import { conclude, ingest, type Rooms } from "../src/pipeline.ts";
import { openStore } from "../src/record/sqlite-store.ts";
import { encodeRequest } from "../test/support/otlp.ts";
import { type Drift, drawDrifts } from "./draw-drift.ts";
import { createFleet, FLEET_DEFAULTS, type Fleet } from "./fleet.ts";
import { createLoad } from "./load.ts";
import { LoadRing } from "./load-ring.ts";
import { parseFleetBaseline } from "./stage-run.ts";
import { sizeMib } from "./stored-totals.ts";

const EPOCH_MS = Date.UTC(2026, 10, 22);
/** So many that each callee's alerts stay below the number at which they are rolled up. */
const ALERTS_A_SERVICE = 20;
const DRIFTS_A_COMMIT = 256;
const EVIDENCE = 22;
const LOAD_SPANS = 65_536;
const SPANS_A_BATCH = 16;
/** The journal's rows come within one window before the end, so that a start reads all of them again. */
const JOURNAL_MS = 30_000;
const ROWS_A_COMMIT = 64;

/** Of ten alerts, what people and time made of them. */
const STATUSES: readonly AlertStatus[] = [
  ...(["open", "acknowledged"] as const),
  ...Array.from({ length: 5 }, () => "resolved" as const),
  ...(["accepted", "dismissed", "resolved"] as const),
];

type Size = { readonly seed: number; readonly alerts: number; readonly sizeMib: number };

/** Writes a database with alerts from real drift, and a journal up to the size asked for; returns the fleet. */
export async function fillDatabase(dbFile: string, { seed, alerts, sizeMib: mib }: Size): Promise<Fleet> {
  const plan = { ...FLEET_DEFAULTS, seed, services: Math.max(40, Math.ceil(alerts / ALERTS_A_SERVICE) + 1) };
  const fleet = createFleet(plan);
  const fingerprintKey = openFingerprintKeys(dbFile);
  const baseline = parseFleetBaseline(fleet);
  const rooms = buildRooms({ baseline, fingerprintKey, alerts: [], shapes: [], assembler: {} });
  const store = openStore(dbFile);
  try {
    await writeAlerts(store, rooms, drawDrifts(fleet, alerts, seed));
    const { requests } = createLoad({ ...plan, spans: LOAD_SPANS, spansABatch: SPANS_A_BATCH });
    await writeJournal(store, rooms, { ring: new LoadRing(requests), isFull: () => sizeMib(dbFile) >= mib });
  } finally {
    store.close();
  }
  return fleet;
}

async function writeAlerts(store: Store, rooms: Rooms, drifts: readonly Drift[]): Promise<void> {
  for (let start = 0; start < drifts.length; start += DRIFTS_A_COMMIT) {
    ingest({ bytes: encode(drifts.slice(start, start + DRIFTS_A_COMMIT)), encoding: "protobuf" }, rooms, EPOCH_MS);
    const batch = conclude(rooms, EPOCH_MS);
    await store.commit({ ...batch, alerts: batch.alerts.map(age) });
  }
}

function encode(drifts: readonly Drift[]): Uint8Array {
  const sent = drifts.flatMap(({ caller, callee, calling, called }) => [
    { resource: caller.resource, scopeSpans: [{ spans: [calling] }] },
    { resource: callee.resource, scopeSpans: [{ spans: [called] }] },
  ]);
  return encodeRequest({ resourceSpans: sent });
}

/** As the alert would be after some weeks: with all the evidence it may have, and decided about. */
function age(alert: Alert, index: number): Alert {
  const [first] = alert.evidence;
  const evidence = first === undefined ? [] : Array.from({ length: EVIDENCE }, (_, n) => laterEvidence(first, n));
  return { ...alert, evidence, count: EVIDENCE, status: STATUSES[index % STATUSES.length] ?? "open" };
}

function laterEvidence(first: Evidence, n: number): Evidence {
  return { ...first, traceId: first.traceId.slice(0, -2) + (16 + n).toString(16), atMs: first.atMs + n * 3_600_000 };
}

type Journal = { readonly ring: LoadRing; readonly isFull: () => boolean };

/** One round of the load in full; after that, the same spans in other traces add nothing but to the journal. */
async function writeJournal(store: Store, rooms: Rooms, { ring, isFull }: Journal): Promise<void> {
  let rows = await writeRound(store, rooms, ring);
  while (!isFull()) {
    const journal = Array.from({ length: ROWS_A_COMMIT }, () =>
      journalRow(rooms, ring, EPOCH_MS + (rows++ % JOURNAL_MS)),
    );
    await store.commit({ ...EMPTY_COMMIT, journal });
  }
  await store.commit({ ...EMPTY_COMMIT, journal: [{ atMs: EPOCH_MS + JOURNAL_MS, batch: null, digest: null }] });
}

async function writeRound(store: Store, rooms: Rooms, ring: LoadRing): Promise<number> {
  for (let n = 0; n < ring.size; n++) {
    const request = ring.next();
    ring.release(request);
    const batch = ingest({ bytes: request.body, encoding: "protobuf" }, rooms, EPOCH_MS + n);
    await store.commit({ ...conclude(rooms, EPOCH_MS + n), journal: [{ atMs: EPOCH_MS + n, batch, digest: null }] });
  }
  return ring.size;
}

function journalRow({ decoder }: Rooms, ring: LoadRing, atMs: number): JournalRow {
  const request = ring.next();
  ring.release(request);
  return { atMs, batch: decoder.decodeProtobuf(request.body), digest: null };
}
