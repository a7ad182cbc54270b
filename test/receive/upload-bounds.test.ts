import { once } from "node:events";
import { type ClientHttp2Stream, connect as connectHttp2, constants, type IncomingHttpHeaders } from "node:http2";
import { connect, type Socket } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { startGrpcReceiver } from "../../src/receive/grpc-receiver.ts";
import { startHttpReceiver } from "../../src/receive/http-receiver.ts";
import type { Receiver } from "../../src/receive/receiver.ts";
import { UploadBudget } from "../../src/receive/upload-budget.ts";
import { until } from "../support/until.ts";
import { decodeStatus, RETRY_IN_ONE_SECOND } from "./rpc-status.ts";
import { logbook, taker } from "./taker.ts";

const MEBIBYTE = 1024 * 1024;
const TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const HEAD = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n";

type Setup = { readonly budgetBytes?: number; readonly uploadMsMax?: number; readonly connectionsMax?: number };

/** Both receivers on one budget, and what they took. */
async function startBoth({ budgetBytes, ...bounds }: Setup = {}) {
  const uploads = new UploadBudget(budgetBytes);
  const { take, requests } = taker();
  const { log, lines } = logbook();
  const shared = { host: "127.0.0.1", port: 0, take, log, uploads, ...bounds };
  const http = await startHttpReceiver({ ...shared, corsOrigins: [] });
  onTestFinished(() => http.stop());
  const grpc = await startGrpcReceiver({ ...shared, protoRoot: path.resolve("proto") });
  onTestFinished(() => grpc.stop());
  return { http, grpc, uploads, requests, lines };
}

function dial({ host, port }: Receiver): Socket {
  const socket = connect(port, host);
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

function post({ host, port }: Receiver, body: Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const type = { "content-type": "application/x-protobuf" };
  return fetch(`http://${host}:${port}/v1/traces`, { method: "POST", headers: { ...type, ...headers }, body });
}

function openCall({ host, port }: Receiver, headers: Record<string, string> = {}): ClientHttp2Stream {
  const session = connectHttp2(`http://${host}:${port}`);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  const own = { ":method": "POST", ":path": TRACES, "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ...own, ...headers });
  stream.on("error", () => {}).resume();
  return stream;
}

/** The headers that say how a call ended. */
function endOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve) => {
    for (const event of ["response", "trailers"]) {
      stream.on(event, (headers) => "grpc-status" in headers && resolve(headers));
    }
  });
}

function frame(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

test("what is on its way in over all connections has a bound, past which senders of both kinds shall come back", async () => {
  const { http, grpc, uploads } = await startBoth({ budgetBytes: 2 * MEBIBYTE });
  const hog = dial(http);
  hog.write(`${HEAD}content-length: 16000000\r\n\r\n`);
  hog.write(Buffer.alloc(1.9 * MEBIBYTE));
  await until("the hog's bytes are there", () => uploads.bytes > 1.9 * MEBIBYTE);

  const refused = await post(http, Buffer.alloc(MEBIBYTE));
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  const call = openCall(grpc);
  const end = endOf(call);
  call.write(frame(Buffer.alloc(MEBIBYTE)));
  const { "grpc-status": code, "grpc-status-details-bin": details } = await end;
  expect(code).toBe(String(status.UNAVAILABLE));
  expect(decodeStatus(Buffer.from(String(details), "base64")).details).toEqual(RETRY_IN_ONE_SECOND);
  expect(uploads.refused).toBe(2);

  hog.destroy();
  await until("the hog's bytes are given back", () => uploads.bytes === 0);
  expect((await post(http, Buffer.alloc(MEBIBYTE))).status).toBe(200);
  expect(uploads.bytes).toBe(0);
});

test("what is unpacked counts as well", async () => {
  const { http, grpc, uploads, requests } = await startBoth({ budgetBytes: 2 * MEBIBYTE });
  const bomb = gzipSync(Buffer.alloc(15 * MEBIBYTE));
  expect((await post(http, bomb, { "content-encoding": "gzip" })).status).toBe(503);
  const call = openCall(grpc, { "grpc-encoding": "gzip" });
  const end = endOf(call);
  call.end(frame(bomb, 1));
  expect((await end)["grpc-status"]).toBe(String(status.UNAVAILABLE));
  expect(requests).toEqual([]);
  await until("nothing is held", () => uploads.bytes === 0);
});

test("a body in very small pieces costs more than its bytes, and is refused for good", async () => {
  const { http, uploads } = await startBoth();
  const socket = dial(http);
  socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
  socket.write("1\r\nx\r\n".repeat(300_000));
  expect(await text(socket)).toMatch(/^HTTP\/1.1 413 .*fewer or smaller pieces/s);
  await until("nothing is held", () => uploads.bytes === 0);
});

test("a request that never ends is given up after a time, by both receivers", async () => {
  const { http, grpc, uploads, requests } = await startBoth({ uploadMsMax: 200 });
  const socket = dial(http);
  socket.write(`${HEAD}content-length: 100\r\n\r\nhalf`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /);
  const call = openCall(grpc);
  const [end, closed] = [endOf(call), once(call, "close")];
  call.write(frame(Buffer.alloc(100)).subarray(0, 20));
  expect((await end)["grpc-status"]).toBe(String(status.DEADLINE_EXCEEDED));
  await closed;
  expect(call.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  expect(requests).toEqual([]);
  await until("nothing is held", () => uploads.bytes === 0);
});

test("a whole message without the end of its stream is held no longer than half a one", async () => {
  const { grpc, uploads, requests } = await startBoth({ uploadMsMax: 200 });
  const call = openCall(grpc);
  const end = endOf(call);
  call.write(frame(Buffer.alloc(100)));
  expect((await end)["grpc-status"]).toBe(String(status.DEADLINE_EXCEEDED));
  expect(requests).toEqual([]);
  await until("nothing is held", () => uploads.bytes === 0);
});

test("connections past the bound are closed at once, which is logged once, and earlier ones are served", async () => {
  const { grpc, http, lines } = await startBoth({ connectionsMax: 2 });
  for (const receiver of [grpc, http]) {
    const kept = [dial(receiver), dial(receiver)];
    await Promise.all(kept.map((socket) => once(socket, "connect")));
    for (const dropped of [dial(receiver), dial(receiver)]) await once(dropped, "close");
    expect(kept.map(({ closed }) => closed)).toEqual([false, false]);
    for (const socket of kept) socket.destroy();
  }
  const line = "warn: more than 2 connections at once; further ones are closed";
  expect(lines).toEqual([line, line]);
});

test("a message packed as nobody knows how is refused for good, and an unpacked one among packed ones is taken", async () => {
  const { grpc, requests } = await startBoth();
  const unknown = openCall(grpc, { "grpc-encoding": "zstd" });
  const unknownEnd = endOf(unknown);
  unknown.end(frame(Buffer.from("x"), 1));
  expect((await unknownEnd)["grpc-status"]).toBe(String(status.UNIMPLEMENTED));
  expect(requests).toEqual([]);
  const plain = openCall(grpc, { "grpc-encoding": "gzip" });
  const plainEnd = endOf(plain);
  plain.end(frame(Buffer.from("x"), 0));
  expect((await plainEnd)["grpc-status"]).toBe(String(status.OK));
  expect(requests).toHaveLength(1);
});
