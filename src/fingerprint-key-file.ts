import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FingerprintKey, formatFingerprintKey, parseFingerprintKey } from "./credential/fingerprint.ts";
import { OperatingError } from "./model/operating-error.ts";

/** A key for one run, for captures that are compared with nothing else. */
export function createFingerprintKey(): FingerprintKey {
  return { id: randomBytes(3).toString("hex"), bytes: randomBytes(32) };
}

/**
 * The key of a database's fingerprints: the file `fingerprint.key` beside it, made at first start, readable by its
 * owner only. Without the same key the same token gets another fingerprint.
 */
export function openFingerprintKey(dbFile: string): FingerprintKey {
  const file = join(dirname(dbFile), "fingerprint.key");
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${formatFingerprintKey(createFingerprintKey())}\n`, { flag: "wx", mode: 0o600 });
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
