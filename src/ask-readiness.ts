import { setTimeout as pause } from "node:timers/promises";
import { OperatingError } from "./model/operating-error.ts";
import type { Readiness } from "./review/api/api-server.ts";

const BUSY: Readiness = { isReady: false, problems: ["the engine is busy and has not answered yet"], details: {} };

/**
 * Asks the engine whether it is ready and waits `withinMs` for it at most: a probe wants an answer more than it wants
 * the engine's turn. Who asks meanwhile shares the question, so that probes do not add to what the engine has to do.
 */
export function askReadiness(ask: () => Promise<Readiness>, withinMs: number): () => Promise<Readiness> {
  let asked: Promise<Readiness> | null = null;
  return async () => {
    asked ??= ask()
      .catch(notReady)
      .finally(() => {
        asked = null;
      });
    const waited = new AbortController();
    const busy = pause(withinMs, BUSY, { signal: waited.signal });
    busy.catch(() => undefined);
    const answer = await Promise.race([asked, busy]);
    waited.abort();
    return answer;
  };
}

function notReady(error: unknown): Readiness {
  if (!(error instanceof OperatingError)) throw error;
  return { isReady: false, problems: [error.message], details: {} };
}
