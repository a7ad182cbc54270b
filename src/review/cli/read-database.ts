import type { StoreReader } from "../../model/store.ts";
import { openReader } from "../../record/sqlite-store.ts";

/** Asks the database of a collector, running or not, and closes it whatever happens. */
export async function readDatabase<Answer>(
  dbFile: string,
  ask: (reader: StoreReader) => Promise<Answer>,
): Promise<Answer> {
  const reader = openReader(dbFile);
  try {
    return await ask(reader);
  } finally {
    reader.close();
  }
}
