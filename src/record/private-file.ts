import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const OWNER_ONLY = 0o600;

/**
 * Makes a file that only its owner may read, with its folder, or takes others' rights away from the one that is there.
 * SQLite gives `-wal` and `-shm` the rights of the database file, so they need care only where they exist already.
 * An existing file is never opened: closing a descriptor would drop every lock that this process holds on it (fcntl).
 */
export function makePrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, "", { flag: "wx", mode: OWNER_ONLY });
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(name)) chmodSync(name, OWNER_ONLY);
  }
}
