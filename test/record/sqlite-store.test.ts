import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { OperatingErrorCode } from "../../src/model/operating-error.ts";
import { openReader, openStore, prepareForWriting, storeOver } from "../../src/record/sqlite-store.ts";
import { createDecoder } from "../support/assemble.ts";
import {
  ANY_ALERT,
  alert,
  audit,
  counted,
  EVER,
  HOUR_MS,
  NOON_MS,
  NOTHING,
  newShape,
  presentation,
} from "./samples.ts";
import { checkStoreContract } from "./store-contract.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trustdrift-record-"));
  file = join(folder, "trust.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

checkStoreContract("a store in memory", () => openStore(":memory:"));
checkStoreContract("a store in a file", () => openStore(file));

function checkFails(open: () => unknown, code: OperatingErrorCode, says: string): void {
  expect(open).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
}

function edit(sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

test("the database and the files beside it belong to their owner alone, also when they did not before", async () => {
  const deep = join(folder, "a", "b", "trust.db");
  const store = openStore(deep);
  await store.commit({ ...NOTHING, newShapes: [newShape()] });
  const modes = () => [deep, `${deep}-wal`, `${deep}-shm`].map((name) => (statSync(name).mode & 0o777).toString(8));
  expect(modes()).toEqual(["600", "600", "600"]);
  for (const name of [deep, `${deep}-wal`, `${deep}-shm`]) chmodSync(name, 0o644);
  openStore(deep).close();
  expect(modes()).toEqual(["600", "600", "600"]);
  store.close();
});

test("what was committed is there after a restart", async () => {
  const store = openStore(file);
  await store.commit({ ...NOTHING, newShapes: [newShape()], counts: [counted()], alerts: [alert()], audit: [audit()] });
  store.close();
  const again = openStore(file);
  expect(await again.edges(EVER)).toHaveLength(1);
  expect(await again.alerts(ANY_ALERT)).toEqual([alert()]);
  expect(await again.audit(alert().id)).toEqual([audit()]);
  again.close();
});

test("a reader sees what a running collector commits, and cannot write", async () => {
  const store = openStore(file);
  const reader = openReader(file);
  await store.commit({ ...NOTHING, newShapes: [newShape()], counts: [counted()] });
  expect(await reader.edges(EVER)).toHaveLength(1);
  expect(reader).not.toHaveProperty("commit");
  reader.close();
  store.close();
});

test("a reader opens a database that no collector holds open", async () => {
  openStore(file).close();
  const reader = openReader(file);
  expect(await reader.edges(EVER)).toEqual([]);
  reader.close();
});

test("reading a database that is not there says how to make one, and makes none", () => {
  checkFails(() => openReader(file), "database-missing", "start the collector with `npm start`");
  expect(existsSync(file)).toBe(false);
});

test("a database of a newer version is refused, by both versions, and left as it is", () => {
  openStore(file).close();
  edit("PRAGMA user_version = 99; PRAGMA journal_mode = DELETE");
  checkFails(() => openStore(file), "database-too-new", "version is 99, this trustdrift knows versions up to 11");
  checkFails(() => openReader(file), "database-too-new", "install the trustdrift that wrote it");
  const db = new Database(file);
  expect(db.pragma("journal_mode", { simple: true })).toBe("delete");
  db.close();
});

test("what was counted before there were estimates stands for itself, and batches of then are not read", async () => {
  const store = openStore(file);
  const journal = [{ atMs: NOON_MS, batch: createDecoder().decodeProtobuf(new Uint8Array()), digest: null }];
  await store.commit({ ...NOTHING, journal, newShapes: [newShape()], counts: [counted({ count: 7 })] });
  store.close();
  edit(`
    ALTER TABLE service DROP COLUMN in_pods;
    DROP TABLE identity_use; DROP TABLE exchange; DROP TABLE reuse; DROP TABLE telemetry_sighting; DROP TABLE remembered_uses;
    ALTER TABLE credential DROP COLUMN profile; ALTER TABLE presentation_pair DROP COLUMN is_automated;
    ALTER TABLE shape DROP COLUMN marks; ALTER TABLE shape DROP COLUMN peer_identity;
    DROP TABLE held_count; DROP TABLE held_drain;
    ALTER TABLE shape_count DROP COLUMN first_seen_ms; ALTER TABLE shape_count DROP COLUMN last_seen_ms;
    ALTER TABLE shape_count DROP COLUMN estimated; PRAGMA user_version = 5`);
  const newer = openStore(file);
  await newer.commit({ ...NOTHING, counts: [counted({ count: 1, estimated: 4 })] });
  expect(await newer.edges(EVER)).toMatchObject([{ count: 8, estimated: 11 }]);
  expect([...newer.journal(0)]).toEqual([{ atMs: NOON_MS, batch: null, digest: null }]);
  newer.close();
});

test("a reader does not bring an older database up to date", () => {
  writeFileSync(file, "");
  checkFails(() => openReader(file), "storage-failed", "its version is 0, expected 11");
});

test("a file that is no database is refused, with the way to restore", () => {
  writeFileSync(file, "this is no database, and it is longer than a header would be\n".repeat(40));
  checkFails(() => openStore(file), "storage-failed", "restore a backup");
  checkFails(() => openReader(file), "storage-failed", "restore a backup");
});

test("another application's database is left alone", () => {
  edit("CREATE TABLE theirs (a)");
  checkFails(() => openStore(file), "storage-failed", "another application");
  const db = new Database(file);
  expect(db.prepare("SELECT name FROM sqlite_schema").pluck().all()).toEqual(["theirs"]);
  db.close();
});

test("a folder that cannot be made is a storage failure", () => {
  writeFileSync(file, "");
  checkFails(() => openStore(join(file, "trust.db")), "storage-failed", "cannot create");
});

test("a full disk refuses the commit as such, and changes nothing", async () => {
  const db = new Database(file);
  prepareForWriting(db, file);
  const store = storeOver(db, file);
  await store.commit({ ...NOTHING, newShapes: [newShape()], counts: [counted()] });
  db.pragma(`max_page_count = ${Number(db.pragma("page_count", { simple: true })) + 5}`);
  const many = Array.from({ length: 400 }, (_, index) =>
    newShape({ key: `shape-${index}`, operation: "x".repeat(500) }),
  );
  const filling = store.commit({ ...NOTHING, counts: [counted()], newShapes: many });
  await expect(filling).rejects.toMatchObject({ code: "storage-full" });
  expect((await store.edges(EVER))[0]?.count).toBe(1);
  await store.commit({ ...NOTHING, counts: [counted()] });
  expect((await store.edges(EVER))[0]?.count).toBe(2);
  store.close();
});

test("a presentation goes when both its credential's end and its last use are past the cut-off", async () => {
  const store = openStore(file);
  const ofEnd = (fingerprint: string, endMs: number | null) =>
    presentation({ fingerprint, expiresAtS: endMs === null ? null : endMs / 1000 });
  const presentations = [
    ofEnd("endless", null),
    ofEnd("ended", NOON_MS - HOUR_MS),
    ofEnd("live", NOON_MS + HOUR_MS),
    ofEnd("immortal", Date.UTC(9999, 0)),
  ];
  await store.commit({ ...NOTHING, presentations });
  const left = async (fingerprintsMs: number): Promise<unknown[]> => {
    await store.forget({ countsMs: 0, fingerprintsMs, identitiesMs: 0, producersMs: 0 });
    const db = new Database(file, { readonly: true });
    const stored = db.prepare("SELECT fingerprint FROM presentation ORDER BY fingerprint").pluck().all();
    const pairs = db.prepare("SELECT DISTINCT fingerprint FROM presentation_pair ORDER BY fingerprint").pluck().all();
    db.close();
    expect(pairs).toEqual(stored);
    return stored;
  };
  expect(await left(NOON_MS)).toEqual(["ended", "endless", "immortal", "live"]);
  expect(await left(NOON_MS + 1)).toEqual(["immortal", "live"]);
  expect(await left(NOON_MS + HOUR_MS + 1)).toEqual(["immortal"]);
  expect(await left(NOON_MS + 400 * 24 * HOUR_MS)).toEqual([]);
  store.close();
});

test("what is forgotten is gone from the file's bytes, not only from its tables", async () => {
  const store = openStore(file);
  const fingerprint = "h1:k:rememberedNowhereOnceForgotten";
  await store.commit({ ...NOTHING, presentations: [presentation({ fingerprint, expiresAtS: 1 })] });
  store.close();
  expect(readFileSync(file, "latin1")).toContain("rememberedNowhere");
  const again = openStore(file);
  await again.forget({ countsMs: 0, fingerprintsMs: NOON_MS + 24 * HOUR_MS, identitiesMs: 0, producersMs: 0 });
  again.close();
  expect(readFileSync(file, "latin1")).not.toContain("rememberedNowhere");
});

test("no table has a column for attributes, headers or tokens as they came", () => {
  openStore(file).close();
  const db = new Database(file, { readonly: true });
  const columns = db
    .prepare("SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c")
    .pluck();
  const names = columns.all() as string[];
  db.close();
  expect(names.length).toBeGreaterThan(80);
  expect(
    names.filter((name) => /attribute|header|token|secret|cookie|password|raw|span_name|message/u.test(name)),
  ).toEqual([]);
});

test("history cannot be rewritten, not even with SQL", async () => {
  const store = openStore(file);
  await store.commit({ ...NOTHING, alerts: [alert()], audit: [audit()] });
  store.close();
  expect(() => edit("UPDATE audit SET actor = 'nobody'")).toThrow("audit only grows");
  expect(() => edit("DELETE FROM audit")).toThrow("audit only grows");
});
