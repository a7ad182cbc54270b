import type { Server } from "node:net";
import { logOnce } from "./log-once.ts";
import { CONNECTIONS_MAX } from "./receiver.ts";
import type { ReceiverLog } from "./take-export.ts";

/** Closes connections past `connectionsMax` as they come, and says once that it does. */
export function limitConnections(server: Server, connectionsMax: number = CONNECTIONS_MAX, log: ReceiverLog): void {
  const say = logOnce(log);
  server.maxConnections = connectionsMax;
  server.on("drop", () => say("warn", `more than ${connectionsMax} connections at once; further ones are closed`));
}
