import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  type FingerprintKey,
  type FingerprintKeys,
  formatFingerprintKeys,
  keyTag,
  parseFingerprintKeys,
} from "./credential/fingerprint.ts";
import { OperatingError } from "./model/operating-error.ts";
import type { KeyRow } from "./review/cli/options.ts";

/** Each one is tried for every new credential. */
const KEYS_MAX = 4;

/** A key for one run, for captures that are compared with nothing else. */
export function createFingerprintKey(): FingerprintKey {
  return { id: randomBytes(3).toString("hex"), bytes: randomBytes(32) };
}

/** Where a database's key stands. */
export function fingerprintKeyFile(dbFile: string): string {
  return join(dirname(dbFile), "fingerprint.key");
}

/**
 * The keys of a database's fingerprints: the file `fingerprint.key` beside it, made at first start, readable by its
 * owner only. Without the same key the same token gets another fingerprint.
 */
export function openFingerprintKeys(dbFile: string): FingerprintKeys {
  const file = fingerprintKeyFile(dbFile);
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) createWhole(file, `${formatFingerprintKeys(createFingerprintKey())}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(file, error);
  }
  return readKeys(file);
}

/** The keys of a database, the one in use first. */
export function listFingerprintKeys(dbFile: string): readonly KeyRow[] {
  return rowsOf(readKeys(fingerprintKeyFile(dbFile)));
}

/** Puts a new key in front; those before it keep the credentials they know. From the next start of the collector on. */
export function rotateFingerprintKey(dbFile: string): readonly KeyRow[] {
  const file = fingerprintKeyFile(dbFile);
  const { older = [], erasedIds = [], ...current } = readKeys(file);
  if (older.length + 1 >= KEYS_MAX) {
    throw new OperatingError(
      "bad-argument",
      `cannot rotate: ${KEYS_MAX} keys are kept at most; erase the oldest first`,
    );
  }
  const taken = new Set([current.id, ...older.map(({ id }) => id), ...erasedIds].map(keyTag));
  let next = createFingerprintKey();
  while (taken.has(keyTag(next.id))) next = createFingerprintKey();
  const keys = { ...next, older: [current, ...older], erasedIds };
  replaceWhole(file, formatFingerprintKeys(keys));
  return rowsOf(keys);
}

/** Overwrites an older key: what it made can be linked with no credential any more, by nobody. */
export function eraseFingerprintKey(dbFile: string, id: string): readonly KeyRow[] {
  const file = fingerprintKeyFile(dbFile);
  const { older = [], erasedIds = [], ...current } = readKeys(file);
  if (id === current.id) throw new OperatingError("bad-argument", `cannot erase ${id}: it is in use; rotate first`);
  if (!older.some((key) => key.id === id)) {
    throw new OperatingError("bad-argument", `cannot find a key ${id}; "trustdrift keys list" shows those there are`);
  }
  const keys = { ...current, older: older.filter((key) => key.id !== id), erasedIds: [id, ...erasedIds] };
  replaceWhole(file, formatFingerprintKeys(keys));
  return rowsOf(keys);
}

function rowsOf({ id, older = [], erasedIds = [] }: FingerprintKeys): readonly KeyRow[] {
  return [
    { id, state: "in use" },
    ...older.map((key) => ({ id: key.id, state: "known credentials only" as const })),
    ...erasedIds.map((erased) => ({ id: erased, state: "erased" as const })),
  ];
}

function readKeys(file: string): FingerprintKeys {
  try {
    return parseFingerprintKeys(readFileSync(file, "utf8"));
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, cause: unknown): OperatingError {
  return new OperatingError(
    "storage-failed",
    `cannot use the fingerprint key ${file}; restore it, or remove it to start with a new one`,
    { cause },
  );
}

/** Creates a file with its text in it, or not at all, whenever the process may be killed; `EEXIST` where it is there. */
function createWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Puts a new text in a file's place, then overwrites the old one where it stood. */
function replaceWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  const old = openSync(file, "r+");
  try {
    const length = readFileSync(old).length;
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    renameSync(draft, file);
    writeSync(old, Buffer.alloc(length), 0, length, 0);
    fsyncSync(old);
  } finally {
    closeSync(old);
    rmSync(draft, { force: true });
  }
}
