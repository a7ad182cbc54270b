import type Database from "better-sqlite3";
import type { Cutoffs } from "../model/store.ts";
import { hourOf } from "./hours.ts";

/** Rows of one kind that are deleted in one step: some ten milliseconds for all kinds, also where each has to be overwritten. */
const ROWS_MAX = 250;
/** Of those that hold a commit's worth each. */
const CHUNKS_MAX = 8;

/**
 * Deletes a little of what is older than it has to be; true where there may be more of it. What is deleted is gone:
 * SQLite overwrites it.
 */
export function forgetter(db: Database.Database): (cutoffs: Cutoffs) => boolean {
  const steps = [countForgetter(db), presentationForgetter(db), factForgetter(db), chunkForgetter(db)];
  const transaction = db.transaction((cutoffs: Cutoffs) => steps.map((step) => step(cutoffs)).includes(true));
  return (cutoffs) => transaction.immediate(cutoffs);
}

type Step = (cutoffs: Cutoffs) => boolean;

function countForgetter(db: Database.Database): Step {
  const shapes = db.prepare<[number]>(`
    DELETE FROM shape_count WHERE (shape_key, hour, confidence) IN
      (SELECT shape_key, hour, confidence FROM shape_count WHERE hour < ? ORDER BY hour LIMIT ${ROWS_MAX})`);
  const services = db.prepare<[number]>(`
    DELETE FROM service_count WHERE (environment, service, hour) IN
      (SELECT environment, service, hour FROM service_count WHERE hour < ? ORDER BY hour LIMIT ${ROWS_MAX})`);
  return ({ countsMs }) => {
    const hour = hourOf(countsMs);
    return [shapes, services].map((statement) => statement.run(hour).changes === ROWS_MAX).includes(true);
  };
}

function presentationForgetter(db: Database.Database): Step {
  const select = db
    .prepare<[number], string>(
      `SELECT fingerprint FROM presentation WHERE ends_ms < ? ORDER BY ends_ms LIMIT ${ROWS_MAX}`,
    )
    .pluck();
  const forgetPairs = db.prepare<[string]>("DELETE FROM presentation_pair WHERE fingerprint = ?");
  const forget = db.prepare<[string]>("DELETE FROM presentation WHERE fingerprint = ?");
  return ({ fingerprintsMs }) => {
    const fingerprints = select.all(fingerprintsMs);
    for (const fingerprint of fingerprints) {
      forgetPairs.run(fingerprint);
      forget.run(fingerprint);
    }
    return fingerprints.length === ROWS_MAX;
  };
}

function factForgetter(db: Database.Database): Step {
  const identities = db.prepare<[number]>(`
    DELETE FROM identity_use WHERE (environment, key) IN
      (SELECT environment, key FROM identity_use WHERE last_ms < ? ORDER BY last_ms LIMIT ${ROWS_MAX})`);
  const statements = ["relay", "exchange", "reuse", "telemetry_sighting"].map((table) =>
    db.prepare<[number]>(`
      DELETE FROM ${table} WHERE key IN
        (SELECT key FROM ${table} WHERE seen_ms < ? ORDER BY seen_ms LIMIT ${ROWS_MAX})`),
  );
  return ({ countsMs, identitiesMs }) => {
    const changes = statements.map((statement) => statement.run(countsMs).changes);
    return [...changes, identities.run(identitiesMs).changes].includes(ROWS_MAX);
  };
}

function chunkForgetter(db: Database.Database): Step {
  const producers = db.prepare<[number]>(`
    DELETE FROM remembered_producers WHERE position IN
      (SELECT position FROM remembered_producers WHERE until_ms < ? ORDER BY position LIMIT ${CHUNKS_MAX})`);
  const generations = ["remembered_pairs", "remembered_uses"].map((table) =>
    db.prepare<[]>(`
      DELETE FROM ${table} WHERE position IN (
        SELECT position FROM ${table}
        WHERE generation_ms < (SELECT MAX(generation_ms) FROM ${table}) ORDER BY position LIMIT ${CHUNKS_MAX})`),
  );
  return ({ producersMs }) => {
    const counts = [producers.run(producersMs), ...generations.map((statement) => statement.run())];
    return counts.some(({ changes }) => changes === CHUNKS_MAX);
  };
}
