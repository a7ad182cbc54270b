import type { ReceiverLog } from "./take-export.ts";

/** Senders can be many and messages carry their addresses; past this many, silence beats a flooded log. */
const MESSAGES_MAX = 1_000;

/** A log that says each distinct message once. */
export function logOnce(log: ReceiverLog): ReceiverLog {
  const said = new Set<string>();
  return (level, message) => {
    if (said.has(message) || said.size >= MESSAGES_MAX) return;
    said.add(message);
    log(level, message);
  };
}
