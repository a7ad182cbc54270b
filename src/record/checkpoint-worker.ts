import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

// A thread beside the one that writes: it moves pages from the write-ahead log into the database, and waits for the
// disk meanwhile. One message asks for one checkpoint, and is answered.

const db = new Database(String(workerData), { fileMustExist: true });
parentPort?.on("message", () => {
  db.pragma("wal_checkpoint(PASSIVE)");
  parentPort?.postMessage(null);
});
