import { close, fdatasync, openSync } from "node:fs";

/** Makes what was committed survive a power cut, without keeping the thread that committed it from its work. */
export type WalSync = { readonly sync: () => Promise<void>; readonly close: () => void };

/**
 * Over the write-ahead log of a database in WAL mode at `synchronous=NORMAL`: there a transaction is in the log when
 * its commit returns, but only a flush of the log makes it last (https://sqlite.org/wal.html#performance_considerations).
 * SQLite's locks are on other files, so that a handle of our own may come and go. A flush that fails is not tried
 * again: the system may have forgotten by then what it could not write.
 */
export function openWalSync(file: string): WalSync {
  let log: number | null = null;
  return {
    sync: () => {
      log ??= openSync(`${file}-wal`, "r");
      return flush(log);
    },
    close: () => {
      if (log !== null) close(log);
      log = null;
    },
  };
}

function flush(log: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(log, (error) => (error === null ? resolve() : reject(error)));
  });
}
