import { monotonicFactory } from "ulid";
import { AlertBook } from "./alert/alert-book.ts";
import type { Alert } from "./model/alert.ts";
import { OperatingError } from "./model/operating-error.ts";
import { EMPTY_COMMIT } from "./model/store.ts";
import { lockDatabase } from "./record/lock.ts";
import { openReader, openStore } from "./record/sqlite-store.ts";
import type { DecisionRequest } from "./review/decisions/decision-request.ts";

/** Carries a decision out in the database itself, as its only writer; for when no collector runs. */
export async function decideOffline(dbFile: string, request: DecisionRequest): Promise<Alert> {
  openReader(dbFile).close();
  const lock = lockDatabase(dbFile);
  const store = openStore(dbFile);
  try {
    const book = new AlertBook({ alerts: store.bookedAlerts(), newId: monotonicFactory() });
    const changes = book.decide(request.idOrKey, request.decision, { nowMs: Date.now(), actor: request.actor });
    await store.commit({ ...EMPTY_COMMIT, ...changes });
    await store.sync();
    book.keep(changes);
    const alert = book.get(request.idOrKey);
    if (alert === null) throw new OperatingError("not-found", `cannot find alert ${request.idOrKey}`);
    return alert;
  } finally {
    store.close();
    lock.release();
  }
}
