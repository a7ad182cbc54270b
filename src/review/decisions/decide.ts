import { connect, type Socket } from "node:net";
import type { Alert } from "../../model/alert.ts";
import { OperatingError } from "../../model/operating-error.ts";
import { type DecisionRequest, parseDecisionRequest } from "./decision-request.ts";
import type { DecisionReply } from "./decision-socket.ts";
import { checkSocketFolder, decisionSocketPath } from "./decision-socket-path.ts";
import { readLine } from "./read-line.ts";

const REPLY_LIMITS = { bytesMax: 4 * 1024 * 1024, waitMs: 30_000 };

/**
 * Carries a decision out and returns the alert as it then stands: by the collector that writes `dbFile` where one
 * listens, else by `offline`. Either way the request has been checked.
 */
export async function decide(
  dbFile: string,
  request: DecisionRequest,
  offline: (request: DecisionRequest) => Promise<Alert>,
): Promise<Alert> {
  const checked = parseDecisionRequest(request);
  const socket = await reachCollector(decisionSocketPath(dbFile));
  if (socket === null) return offline(checked);
  const reply = await ask(socket, checked);
  if ("alert" in reply) return reply.alert;
  throw new OperatingError(reply.refused.code, reply.refused.message);
}

/** A connection to the running collector; null where none runs: no socket, or one that nobody listens on any more. */
function reachCollector(path: string): Promise<Socket | null> {
  checkSocketFolder(path);
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(null);
      else reject(outOfReach(path, error));
    });
  });
}

function outOfReach(path: string, cause: unknown): OperatingError {
  const message = `cannot reach the collector at ${path}; decide as the user that it runs as`;
  return new OperatingError("database-locked", message, { cause });
}

async function ask(socket: Socket, request: DecisionRequest): Promise<DecisionReply> {
  try {
    const line = readLine(socket, REPLY_LIMITS);
    socket.write(`${JSON.stringify(request)}\n`);
    return JSON.parse(await line) as DecisionReply;
  } catch (error) {
    throw noAnswer(error);
  } finally {
    socket.destroy();
  }
}

function noAnswer(cause: unknown): OperatingError {
  const message = "cannot tell whether the decision was made: the collector gave no answer; look at the alert again";
  return new OperatingError("shutting-down", message, { cause });
}
