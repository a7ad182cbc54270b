import Database from "better-sqlite3";
import { OperatingError } from "../model/operating-error.ts";

/** Runs one piece of storage work; what the disk or the file did wrong comes out as an `OperatingError`. */
export function guardStorage<Result>(file: string, doing: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw storageError(file, doing, cause);
  }
}

/** The operating error behind a failure of SQLite or the file system; a bug (a broken constraint, say) stays as it is. */
function storageError(file: string, doing: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (code === "SQLITE_FULL" || code === "ENOSPC") {
    return new OperatingError("storage-full", `cannot ${doing} ${file}: the disk is full; free space and try again`, {
      cause,
    });
  }
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    const remedy = "move it away and restore a backup, or start with a new one";
    return new OperatingError("storage-failed", `cannot ${doing} ${file}: not a sound database; ${remedy}`, { cause });
  }
  if (code.startsWith("SQLITE_BUSY")) {
    const remedy = "another process is writing to it; let it end, or end it";
    return new OperatingError("storage-failed", `cannot ${doing} ${file}: ${remedy}`, { cause });
  }
  if (isInputOutput(code)) {
    return new OperatingError("storage-failed", `cannot ${doing} ${file}: ${code}`, { cause });
  }
  return cause;
}

/** The codes of better-sqlite3 are SQLite's extended result codes by name; those of node:fs are errno names. */
function codeOf(cause: unknown): string {
  if (cause instanceof Database.SqliteError) return cause.code;
  if (cause instanceof Error && "syscall" in cause && "code" in cause) return String(cause.code);
  return "";
}

const INPUT_OUTPUT = /^(E[A-Z]+|SQLITE_(IOERR|CANTOPEN|READONLY|PERM|LOCKED|PROTOCOL|NOLFS|AUTH|NOMEM)(_[A-Z_]+)?)$/u;

function isInputOutput(code: string): boolean {
  return INPUT_OUTPUT.test(code);
}
