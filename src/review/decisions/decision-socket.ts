import { chmodSync, lstatSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Alert } from "../../model/alert.ts";
import { OperatingError } from "../../model/operating-error.ts";
import { type DecisionRequest, parseDecisionRequest } from "./decision-request.ts";
import { checkSocketFolder, decisionSocketPath } from "./decision-socket-path.ts";
import { readLine } from "./read-line.ts";

const REQUEST_LIMITS = { bytesMax: 64 * 1024, waitMs: 10_000 };
const CLIENTS_MAX = 16;

/** What the collector lends the socket: its database's path, and the function that decides. */
export type DecisionSocketOptions = {
  readonly dbFile: string;
  readonly decide: (request: DecisionRequest) => Promise<Alert>;
};

/** What goes back over the socket. */
export type DecisionReply =
  | { readonly alert: Alert }
  | { readonly refused: { readonly code: OperatingError["code"]; readonly message: string } };

/**
 * Lets the owner of the process decide about alerts while the collector runs: one JSON line in, one JSON line out, a
 * connection a decision. The caller holds the database's lock, so a socket that is already there is a dead collector's.
 */
export async function startDecisionSocket(options: DecisionSocketOptions): Promise<{ stop(): Promise<void> }> {
  const path = decisionSocketPath(options.dbFile);
  checkPlace(path);
  const silent = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    silent.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => silent.delete(socket));
    void readLine(socket, REQUEST_LIMITS)
      .then((line) => {
        silent.delete(socket);
        return answer(line, options.decide);
      })
      .catch(refusal)
      .then((reply) => socket.end(`${JSON.stringify(reply)}\n`, () => socket.destroy()));
  });
  server.maxConnections = CLIENTS_MAX;
  await listenPrivately(server, path);
  return { stop: () => stop(server, silent, path) };
}

async function answer(line: string, decide: DecisionSocketOptions["decide"]): Promise<DecisionReply> {
  return { alert: await decide(parseDecisionRequest(parseJson(line))) };
}

/** Undefined where the line is no JSON; the parser's own message would quote it. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function refusal(error: unknown): DecisionReply {
  if (error instanceof OperatingError) return { refused: { code: error.code, message: error.message } };
  const name = error instanceof Error ? error.name : "an unknown error";
  return { refused: { code: "storage-failed", message: `cannot decide: the collector failed with ${name}` } };
}

function checkPlace(path: string): void {
  checkSocketFolder(path);
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined || present.isSocket()) return;
  throw new OperatingError("conflict", `cannot listen for decisions at ${path}: a file that is no socket is there`);
}

async function listenPrivately(server: Server, path: string): Promise<void> {
  try {
    await bindAndMove(server, path);
  } catch (error) {
    server.close();
    throw cannotListen(path, error);
  }
}

function cannotListen(path: string, cause: unknown): OperatingError {
  return new OperatingError("conflict", `cannot listen for decisions at ${path}`, { cause });
}

/** The socket is born in a folder nobody else can enter and moved into place once it is 0600: never open to others. */
async function bindAndMove(server: Server, path: string): Promise<void> {
  const birthplace = mkdtempSync(`${path}.`);
  const newborn = join(birthplace, "s");
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(newborn, resolve);
    });
    chmodSync(newborn, 0o600);
    renameSync(newborn, path);
  } finally {
    rmSync(birthplace, { recursive: true, force: true });
  }
}

/** Decisions under way are answered; connections that have not asked anything are cut. */
async function stop(server: Server, silent: ReadonlySet<Socket>, path: string): Promise<void> {
  rmSync(path, { force: true });
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of silent) socket.destroy();
  await closed;
}
