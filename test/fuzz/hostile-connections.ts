import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Where a collector listens, each `host:port`. */
export type Doors = { readonly otlpGrpc: string; readonly otlpHttp: string; readonly api: string };

export const EXPORT_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/** A hostile sender waits no longer than this for whatever the collector makes of it. */
const PATIENCE_MS = 4_000;

/** Writes bytes to a door, waits until they are out, the door has closed or patience ends, and lets `then` decide. */
export async function speak(door: string, bytes: Uint8Array, then: "leave" | "reset" | "half-close" | "wait") {
  const socket = await dial(door);
  const closed = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  const flushed = new Promise<void>((resolve) => void socket.write(bytes, () => resolve()));
  await atMost(Promise.race([flushed, closed]));
  if (then === "half-close") socket.end();
  if (then === "half-close" || then === "wait") await atMost(closed);
  if (then === "reset") socket.resetAndDestroy();
  else socket.destroy();
}

/** Opens a connection over which anything can be written; what comes back is thrown away. */
export async function dial(door: string): Promise<Socket> {
  const [host, port] = partsOf(door);
  const socket = connect(port, host);
  socket.on("error", () => {}).resume();
  await atMost(new Promise<void>((resolve) => void socket.once("connect", resolve).once("close", () => resolve())));
  return socket;
}

/** Works with a HTTP/2 session and cuts it off at the end, whatever came of it. */
export async function withSession(door: string, work: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  const session = connectHttp2(`http://${door}`);
  session.on("error", () => {});
  try {
    await atMost(work(session));
  } finally {
    session.destroy();
  }
}

/** A gRPC call; what comes back is thrown away. */
export function openCall(session: ClientHttp2Session, headers: Record<string, string> = {}): ClientHttp2Stream {
  const own = { ":method": "POST", ":path": EXPORT_METHOD, "content-type": "application/grpc", te: "trailers" };
  const call = session.request({ ...own, ...headers });
  call.on("error", () => {}).resume();
  return call;
}

/** Resolves when a call is over, or patience is. */
export async function callEnds(call: ClientHttp2Stream): Promise<void> {
  if (!call.closed) await atMost(once(call, "close"));
}

/** A gRPC message with its prefix, which may lie. */
export function frame(message: Uint8Array, { flag = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** Resolves with the rest or when patience ends, and never rejects: the collector's health is asked for elsewhere. */
async function atMost(waiting: Promise<unknown>): Promise<void> {
  const end = new AbortController();
  const patience = pause(PATIENCE_MS, undefined, { signal: end.signal }).catch(() => {});
  await Promise.race([waiting.catch(() => {}), patience]);
  end.abort();
}

function partsOf(door: string): readonly [host: string, port: number] {
  const colon = door.lastIndexOf(":");
  return [door.slice(0, colon), Number(door.slice(colon + 1))];
}
