import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FingerprintKey, formatFingerprintKey, parseFingerprintKey } from "./credential/fingerprint.ts";
import { OperatingError } from "./model/operating-error.ts";

/** A key for one run, for captures that are compared with nothing else. */
export function createFingerprintKey(): FingerprintKey {
  return { id: randomBytes(3).toString("hex"), bytes: randomBytes(32) };
}

/** Where a database's key stands. */
export function fingerprintKeyFile(dbFile: string): string {
  return join(dirname(dbFile), "fingerprint.key");
}

/**
 * The key of a database's fingerprints: the file `fingerprint.key` beside it, made at first start, readable by its
 * owner only. Without the same key the same token gets another fingerprint.
 */
export function openFingerprintKey(dbFile: string): FingerprintKey {
  const file = fingerprintKeyFile(dbFile);
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) createWhole(file, `${formatFingerprintKey(createFingerprintKey())}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(file, error);
  }
  try {
    return parseFingerprintKey(readFileSync(file, "utf8"));
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
