import Database from "better-sqlite3";
import { OperatingError } from "../model/operating-error.ts";
import { makePrivateFile } from "./private-file.ts";
import { guardStorage } from "./storage-error.ts";

/** Connections that hold a lock: one that is forgotten would be closed by the garbage collector, and the lock freed. */
const held = new Set<Database.Database>();

/**
 * Makes this process the only writer of a database, by an exclusive lock on `<file>.lock`; `:memory:` needs none.
 * The lock is SQLite's (fcntl), so the kernel frees it when the process dies, however it dies.
 * Throws `database-locked` where another process holds it.
 */
export function lockDatabase(file: string): { release(): void } {
  if (file === ":memory:") return { release() {} };
  const lockFile = `${file}.lock`;
  const db = guardStorage(lockFile, "open", () => {
    makePrivateFile(lockFile);
    return new Database(lockFile, { timeout: 0 });
  });
  try {
    guardStorage(lockFile, "lock", () => take(db, file));
  } catch (error) {
    db.close();
    throw error;
  }
  held.add(db);
  const release = (): void => {
    held.delete(db);
    db.close();
  };
  return { release };
}

function take(db: Database.Database, file: string): void {
  try {
    db.exec("CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL) STRICT");
    db.prepare("INSERT INTO holder VALUES (1, ?) ON CONFLICT DO UPDATE SET pid = excluded.pid").run(process.pid);
    // IMMEDIATE shuts out every other writer, so it is as exclusive among lockers as EXCLUSIVE would be, but leaves the
    // holder's process number readable for the one that comes second.
    db.exec("BEGIN IMMEDIATE");
  } catch (cause) {
    throw lockError(db, file, cause);
  }
}

function lockError(db: Database.Database, file: string, cause: unknown): unknown {
  if (!(cause instanceof Database.SqliteError) || !cause.code.startsWith("SQLITE_BUSY")) return cause;
  const holder = `another collector (${holderOf(db)}) is writing to it`;
  const message = `cannot open ${file}: ${holder}; stop it, or name another database with --db FILE`;
  return new OperatingError("database-locked", message, { cause });
}

function holderOf(db: Database.Database): string {
  try {
    return `process ${db.prepare<[], number>("SELECT pid FROM holder").pluck().get() ?? "unknown"}`;
  } catch {
    // The holder is writing its number at this very moment.
    return "process unknown";
  }
}
