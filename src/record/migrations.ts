import type Database from "better-sqlite3";
import { OperatingError } from "../model/operating-error.ts";

/** Marks a SQLite file as ours ("tdri"), so that another application's database is never migrated. */
const APPLICATION_ID = 0x74647269;

/**
 * The schema, one step an entry: append, never edit. `PRAGMA user_version` is the number of steps a file has had.
 * Keys are those of the model (shape keys, alert keys, names), so that rows mean the same in another store.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE credential (
    key TEXT NOT NULL PRIMARY KEY,
    slot TEXT NOT NULL, scheme TEXT NOT NULL, format TEXT NOT NULL, role TEXT NOT NULL, quality TEXT NOT NULL,
    issuer TEXT, client TEXT, audiences TEXT, is_verified INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE shape (
    key TEXT NOT NULL PRIMARY KEY,
    environment TEXT NOT NULL, caller_environment TEXT,
    caller TEXT NOT NULL, caller_kind TEXT NOT NULL, callee TEXT NOT NULL, callee_kind TEXT NOT NULL,
    type TEXT NOT NULL, via TEXT, operation TEXT, protocol TEXT NOT NULL,
    credential_key TEXT REFERENCES credential (key), credential_seen_by TEXT,
    transport TEXT NOT NULL, outcome TEXT NOT NULL, is_expired INTEGER NOT NULL, origin TEXT NOT NULL,
    first_seen_ms INTEGER, last_seen_ms INTEGER, evidence TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE shape_count (
    shape_key TEXT NOT NULL REFERENCES shape (key), hour INTEGER NOT NULL, confidence INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (shape_key, hour, confidence)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE service (
    environment TEXT NOT NULL, service TEXT NOT NULL, runtime TEXT, release TEXT,
    first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
    PRIMARY KEY (environment, service)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE service_count (
    environment TEXT NOT NULL, service TEXT NOT NULL, hour INTEGER NOT NULL,
    spans INTEGER NOT NULL, inbound INTEGER NOT NULL, inbound_with_credential INTEGER NOT NULL,
    outbound INTEGER NOT NULL, outbound_with_credential INTEGER NOT NULL,
    PRIMARY KEY (environment, service, hour),
    FOREIGN KEY (environment, service) REFERENCES service (environment, service)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE presentation (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    credential_key TEXT NOT NULL REFERENCES credential (key), expires_at_s REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE presentation_pair (
    fingerprint TEXT NOT NULL REFERENCES presentation (fingerprint), environment TEXT NOT NULL,
    presenter TEXT NOT NULL, recipient_kind TEXT NOT NULL, recipient TEXT NOT NULL,
    first_ms INTEGER NOT NULL, is_accepted INTEGER NOT NULL, is_refused INTEGER NOT NULL, is_relayed INTEGER NOT NULL,
    presenter_runtime TEXT, evidence TEXT NOT NULL,
    PRIMARY KEY (fingerprint, environment, presenter, recipient_kind, recipient)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alert (
    key TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL, severity INTEGER NOT NULL, environment TEXT NOT NULL,
    caller TEXT, callee TEXT, owner TEXT,
    status TEXT NOT NULL, status_reason TEXT, status_since_ms INTEGER, assignee TEXT, acknowledged_until_ms INTEGER,
    is_regression INTEGER NOT NULL, first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
    count INTEGER NOT NULL, baseline_revision TEXT NOT NULL,
    finding TEXT NOT NULL, evidence TEXT NOT NULL, credentials_seen TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alert_by_last_seen ON alert (last_seen_ms);

  CREATE TABLE audit (
    position INTEGER PRIMARY KEY,
    alert_id TEXT NOT NULL REFERENCES alert (id), at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    from_status TEXT, to_status TEXT NOT NULL, reason TEXT
  ) STRICT;
  CREATE INDEX audit_by_alert ON audit (alert_id, position);
  CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit only grows'); END;
  CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit only grows'); END;

  CREATE TABLE baseline (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    revision TEXT NOT NULL UNIQUE, loaded_at_ms INTEGER NOT NULL, files TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE journal (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms REAL NOT NULL,
    batch BLOB
  ) STRICT;
  CREATE INDEX journal_by_time ON journal (at_ms);

  CREATE TABLE request_digest (
    digest TEXT NOT NULL PRIMARY KEY, at_ms REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX request_digest_by_time ON request_digest (at_ms);
  `,
  // Rows are laid out in another way from here on; what waited for its other half no longer does.
  "DELETE FROM journal;",
  `
  CREATE TABLE alias (
    environment TEXT NOT NULL, address TEXT NOT NULL, service TEXT NOT NULL,
    count INTEGER NOT NULL, first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
    PRIMARY KEY (environment, address, service)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE remembered_producers (
    position INTEGER PRIMARY KEY AUTOINCREMENT, until_ms REAL NOT NULL, producers BLOB NOT NULL
  ) STRICT;
  CREATE INDEX remembered_producers_by_time ON remembered_producers (until_ms);

  CREATE TABLE remembered_pairs (
    position INTEGER PRIMARY KEY AUTOINCREMENT, generation_ms REAL NOT NULL, pairs BLOB NOT NULL
  ) STRICT;
  CREATE INDEX remembered_pairs_by_generation ON remembered_pairs (generation_ms);

  CREATE TABLE relay (key TEXT NOT NULL PRIMARY KEY, seen_ms INTEGER NOT NULL, relay TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
  CREATE INDEX relay_by_time ON relay (seen_ms);

  CREATE INDEX shape_count_by_hour ON shape_count (hour);
  CREATE INDEX service_count_by_hour ON service_count (hour);

  ALTER TABLE presentation ADD COLUMN ends_ms INTEGER NOT NULL DEFAULT 0;
  UPDATE presentation SET ends_ms = CAST(MAX(
    COALESCE(expires_at_s * 1000, 0),
    COALESCE((SELECT MAX(first_ms) FROM presentation_pair AS pair WHERE pair.fingerprint = presentation.fingerprint), 0)
  ) AS INTEGER);
  CREATE INDEX presentation_by_end ON presentation (ends_ms);
  ALTER TABLE presentation_pair ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
  `,
  // Batches have a column more from here on. What waited in those without it no longer does; their times still count.
  `
  UPDATE journal SET batch = NULL;
  ALTER TABLE shape_count ADD COLUMN estimated REAL NOT NULL DEFAULT 0;
  UPDATE shape_count SET estimated = count;
  `,
  `
  CREATE TABLE held_count (
    position INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER NOT NULL, counts BLOB NOT NULL
  ) STRICT;
  CREATE TABLE held_drain (generation INTEGER NOT NULL PRIMARY KEY, drained INTEGER NOT NULL) STRICT;
  ALTER TABLE shape_count ADD COLUMN first_seen_ms INTEGER;
  ALTER TABLE shape_count ADD COLUMN last_seen_ms INTEGER;
  `,
  `
  ALTER TABLE credential ADD COLUMN profile TEXT;
  ALTER TABLE shape ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE shape ADD COLUMN peer_identity TEXT;
  ALTER TABLE presentation_pair ADD COLUMN is_automated INTEGER NOT NULL DEFAULT 0;
  `,
  // Batches have columns more since the step before; what waited in those without them no longer does.
  `
  UPDATE journal SET batch = NULL;

  CREATE TABLE exchange (key TEXT NOT NULL PRIMARY KEY, seen_ms INTEGER NOT NULL, exchange TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
  CREATE INDEX exchange_by_time ON exchange (seen_ms);

  CREATE TABLE reuse (
    key TEXT NOT NULL PRIMARY KEY, seen_ms INTEGER NOT NULL, count INTEGER NOT NULL, reuse TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX reuse_by_time ON reuse (seen_ms);

  CREATE TABLE telemetry_sighting (
    key TEXT NOT NULL PRIMARY KEY, seen_ms INTEGER NOT NULL, count INTEGER NOT NULL, sighting TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX telemetry_sighting_by_time ON telemetry_sighting (seen_ms);

  CREATE TABLE remembered_uses (
    position INTEGER PRIMARY KEY AUTOINCREMENT, generation_ms REAL NOT NULL, uses BLOB NOT NULL
  ) STRICT;
  CREATE INDEX remembered_uses_by_generation ON remembered_uses (generation_ms);
  `,
  `
  CREATE TABLE identity_use (
    environment TEXT NOT NULL, key TEXT NOT NULL, identity TEXT NOT NULL,
    last_ms INTEGER NOT NULL, longest_pause_ms INTEGER NOT NULL,
    PRIMARY KEY (environment, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX identity_use_by_time ON identity_use (last_ms);
  `,
  "ALTER TABLE service ADD COLUMN in_pods INTEGER NOT NULL DEFAULT 0;",
];

/** Brings a database to the newest schema, one transaction a step; throws `database-too-new` for one of the future. */
export function migrate(db: Database.Database, file: string): void {
  for (let version = checkVersion(db, file); version < MIGRATIONS.length; version++) {
    const step = db.transaction(() => {
      db.exec(MIGRATIONS[version] ?? "");
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version + 1}`);
    });
    step.exclusive();
  }
}

/** Says whether the database can be read as it is; a reader does not migrate. Throws where it cannot. */
export function requireCurrentVersion(db: Database.Database, file: string): void {
  const version = checkVersion(db, file);
  if (version === MIGRATIONS.length) return;
  throw new OperatingError(
    "storage-failed",
    `cannot read ${file}: its version is ${version}, expected ${MIGRATIONS.length}; start the collector on it once, with \`npm start\`, to bring it up to date`,
  );
}

/** The version of a database that is ours, or new and empty (0). Reads only, so that nothing foreign is ever touched. */
export function checkVersion(db: Database.Database, file: string): number {
  const version = Number(db.pragma("user_version", { simple: true }));
  const applicationId = db.pragma("application_id", { simple: true });
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (applicationId !== APPLICATION_ID && !(isEmpty && version === 0)) {
    throw new OperatingError(
      "storage-failed",
      `cannot open ${file}: expected a database of trustdrift, got one of another application; name another with --db FILE`,
    );
  }
  if (version > MIGRATIONS.length) {
    throw new OperatingError(
      "database-too-new",
      `cannot open ${file}: its version is ${version}, this trustdrift knows versions up to ${MIGRATIONS.length}; install the trustdrift that wrote it, or name another database with --db FILE`,
    );
  }
  return version;
}
