import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { deflateSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import type { OperatingErrorCode } from "../../src/model/operating-error.ts";
import { type HttpReceiverOptions, startHttpReceiver } from "../../src/receive/http-receiver.ts";
import type { Receiver } from "../../src/receive/receiver.ts";
import { decodeResponse, decodeStatus, RETRY_IN_ONE_SECOND } from "./rpc-status.ts";
import { logbook, refuser, slowTaker, taker } from "./taker.ts";

const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };

async function start(options: Partial<HttpReceiverOptions> = {}): Promise<Receiver> {
  const { log } = logbook();
  const defaults = { host: "127.0.0.1", port: 0, take: taker().take, log, corsOrigins: [] };
  const receiver = await startHttpReceiver({ ...defaults, ...options });
  onTestFinished(() => receiver.stop());
  return receiver;
}

type Post = { readonly body?: Uint8Array | string; readonly path?: string; readonly method?: string };

function send(receiver: Receiver, headers: Record<string, string>, post: Post = {}): Promise<Response> {
  const { path = "/v1/traces", method = "POST", body = method === "POST" ? "x" : undefined } = post;
  const url = `http://${receiver.host}:${receiver.port}${path}`;
  return fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: body as NonNullable<RequestInit["body"]> }),
  });
}

/** Sends bytes as they are, and resolves with all that came back once the receiver has closed the connection. */
async function sendRaw({ host, port }: Receiver, head: string, body = ""): Promise<string> {
  const socket = connect(port, host);
  socket.on("error", () => {});
  socket.write(`${head.replaceAll("\n", "\r\n")}\r\n\r\n${body}`);
  return text(socket);
}

const POST_PROTOBUF = "POST /v1/traces HTTP/1.1\nhost: x\ncontent-type: application/x-protobuf";

test("protobuf arrives untouched, and the answer to a whole success is an empty message", async () => {
  const { take, requests } = taker();
  const bytes = randomBytes(300_000);
  const response = await send(await start({ take }), PROTOBUF, { body: bytes });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-protobuf");
  expect((await response.bytes()).length).toBe(0);
  expect(requests).toEqual([{ bytes, encoding: "protobuf", sender: "127.0.0.1" }]);
});

test("JSON arrives untouched, and is answered in JSON", async () => {
  const { take, requests } = taker();
  const headers = { "content-type": "Application/JSON; charset=utf-8" };
  const response = await send(await start({ take }), headers, { body: '{"resourceSpans":[]}' });
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.text()).toBe("{}");
  expect(requests).toEqual([{ bytes: Buffer.from('{"resourceSpans":[]}'), encoding: "json", sender: "127.0.0.1" }]);
});

test("rejected spans are reported as a partial success in the request's encoding", async () => {
  const receiver = await start({ take: async () => ({ rejectedSpans: 5_000_000_000, message: "bad ids" }) });
  const protobuf = await send(receiver, PROTOBUF);
  expect(protobuf.status).toBe(200);
  expect(decodeResponse(await protobuf.bytes())).toEqual({
    partialSuccess: { rejectedSpans: 5_000_000_000, errorMessage: "bad ids" },
  });
  const json = await send(receiver, JSON_TYPE);
  expect(await json.json()).toEqual({ partialSuccess: { rejectedSpans: "5000000000", errorMessage: "bad ids" } });
});

test("a message without rejected spans is a warning and is passed on", async () => {
  const response = await send(await start({ take: async () => ({ rejectedSpans: 0, message: "old SDK" }) }), PROTOBUF);
  expect(decodeResponse(await response.bytes())).toEqual({
    partialSuccess: { errorMessage: "old SDK" },
  });
});

const FOR_GOOD: [OperatingErrorCode, number, number][] = [
  ["malformed-request", 400, 3],
  ["request-too-large", 413, 8],
];
test.each(FOR_GOOD)("%s is refused for good with %i", async (code, httpStatus, rpcCode) => {
  const receiver = await start({ take: refuser(code) });
  const protobuf = await send(receiver, PROTOBUF);
  expect(protobuf.status).toBe(httpStatus);
  expect(protobuf.headers.get("retry-after")).toBe(null);
  expect(decodeStatus(await protobuf.bytes())).toEqual({
    code: rpcCode,
    message: `cannot take this: ${code}`,
    details: [],
  });
  const json = await send(receiver, JSON_TYPE);
  expect(json.status).toBe(httpStatus);
  expect(await json.json()).toEqual({ code: rpcCode, message: `cannot take this: ${code}` });
});

const FOR_NOW: OperatingErrorCode[] = ["overloaded", "shutting-down", "storage-full", "storage-failed"];
test.each(FOR_NOW)("%s is refused for now: 503, to be tried again in a second", async (code) => {
  const receiver = await start({ take: refuser(code) });
  const protobuf = await send(receiver, PROTOBUF);
  expect(protobuf.status).toBe(503);
  expect(protobuf.headers.get("retry-after")).toBe("1");
  expect(decodeStatus(await protobuf.bytes())).toMatchObject({ code: 14, details: RETRY_IN_ONE_SECOND });
  const json = await send(receiver, JSON_TYPE);
  expect(json.headers.get("retry-after")).toBe("1");
  expect(await json.json()).toEqual({ code: 14, message: `cannot take this: ${code}` });
});

test("a fault of ours is 500, and quotes its error neither on the wire nor in the log", async () => {
  const { log, lines } = logbook();
  const take = async () => {
    throw new TypeError("cannot read s3cret-value");
  };
  const response = await send(await start({ take, log }), JSON_TYPE);
  expect(response.status).toBe(500);
  expect(lines[0]).toMatch(/^warn: .*TypeError at /);
  expect(`${await response.text()} ${lines}`).not.toContain("s3cret");
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["identity", Buffer.from],
] as const)("a body with content-encoding %s is unpacked", async (encoding, pack) => {
  const { take, requests } = taker();
  const body = Buffer.from("span ".repeat(10_000));
  const response = await send(
    await start({ take }),
    { ...PROTOBUF, "content-encoding": encoding },
    { body: pack(body) },
  );
  expect(response.status).toBe(200);
  expect(requests[0]?.bytes).toEqual(body);
});

test.each(["br", "zstd", "gzip, gzip", "constructor"])("content-encoding %s is 415", async (encoding) => {
  const response = await send(await start(), { ...JSON_TYPE, "content-encoding": encoding });
  expect(response.status).toBe(415);
  expect(await response.json()).toEqual({
    code: 12,
    message: "expected content-encoding to be gzip, deflate or identity",
  });
});

test.each(["text/plain", "application/grpc", ""])("content-type %j is 415, explained in JSON", async (contentType) => {
  const response = await send(await start(), { "content-type": contentType });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({ code: 3, message: expect.stringContaining("application/x-protobuf") });
});

test.each(["GET", "PUT", "DELETE", "OPTIONS"])("%s is 405 and says what is allowed", async (method) => {
  const response = await send(await start(), {}, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
});

test.each(["/", "/v1/traces/", "/V1/traces"])("%s is 404 and names the door", async (path) => {
  const response = await send(await start(), {}, { method: "GET", path });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 5, message: expect.stringContaining("POST /v1/traces") });
});

test("a query behind the path changes nothing", async () => {
  expect((await send(await start(), PROTOBUF, { path: "/v1/traces?token=1" })).status).toBe(200);
});

test.each([
  ["metrics", "/v1/metrics"],
  ["logs", "/v1/logs"],
  ["profiles", "/v1development/profiles"],
])("%s are 404, with a hint, and logged once per sender", async (signal, path) => {
  const { log, lines } = logbook();
  const receiver = await start({ log });
  const response = await send(receiver, PROTOBUF, { path });
  await send(receiver, PROTOBUF, { path });
  expect(response.status).toBe(404);
  expect(decodeStatus(await response.bytes())).toMatchObject({
    message: expect.stringContaining("only traces are taken here"),
  });
  expect(lines).toEqual([
    `warn: 127.0.0.1 sends ${signal}, and only traces are taken here; send its ${signal} elsewhere`,
  ]);
});

test("a body at the limit is taken, one byte more is 413, packed or not", async () => {
  const receiver = await start({ bodyBytesMax: 100_000 });
  const gzip = { ...PROTOBUF, "content-encoding": "gzip" };
  const fits = Buffer.alloc(100_000);
  const tooLong = Buffer.alloc(100_001);
  expect((await send(receiver, PROTOBUF, { body: fits })).status).toBe(200);
  expect((await send(receiver, gzip, { body: gzipSync(fits) })).status).toBe(200);
  expect((await send(receiver, PROTOBUF, { body: tooLong })).status).toBe(413);
  expect((await send(receiver, gzip, { body: gzipSync(tooLong) })).status).toBe(413);
});

test("a content-length above the limit is 413 before any byte of the body came", async () => {
  const answer = await sendRaw(await start(), `${POST_PROTOBUF}\ncontent-length: 1000000000`);
  expect(answer).toMatch(/^HTTP\/1.1 413 .*connection: close/is);
});

test("a body without a length is stopped at the limit, and its sender still sees why", async () => {
  const chunk = `${(1_000).toString(16)}\r\n${"x".repeat(1_000)}\r\n`;
  const receiver = await start({ bodyBytesMax: 10_000 });
  const answer = await sendRaw(receiver, `${POST_PROTOBUF}\ntransfer-encoding: chunked`, chunk.repeat(5_000));
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
});

test("a gzip bomb is 413, and nothing is taken", async () => {
  const { take, requests } = taker();
  const receiver = await start({ take, bodyBytesMax: 1_000_000 });
  const bomb = gzipSync(Buffer.alloc(200_000_000));
  expect(bomb.length).toBeLessThan(1_000_000);
  const response = await send(receiver, { ...PROTOBUF, "content-encoding": "gzip" }, { body: bomb });
  expect(response.status).toBe(413);
  expect(requests).toEqual([]);
});

test.each([
  ["truncated gzip", gzipSync("span".repeat(1_000)).subarray(0, 30)],
  ["no gzip at all", Buffer.from("plain")],
  ["nothing where gzip was promised", Buffer.alloc(0)],
])("%s is 400", async (_what, body) => {
  const response = await send(await start(), { ...JSON_TYPE, "content-encoding": "gzip" }, { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ code: 3, message: "cannot decompress the body as gzip" });
});

async function connected({ host, port }: Receiver): Promise<Socket> {
  const socket = connect(port, host);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

test("senders that leave or half-close within the body are let go, and nothing is taken", async () => {
  const { take, requests } = taker();
  const { log, lines } = logbook();
  const receiver = await start({ take, log });
  const started = `${POST_PROTOBUF}\ncontent-length: 100\n\nhalf`.replaceAll("\n", "\r\n");
  const leaver = await connected(receiver);
  leaver.write(started, () => leaver.resetAndDestroy());
  const halfClosed = await connected(receiver);
  halfClosed.end(started);
  expect(await text(halfClosed)).toMatch(/^HTTP\/1.1 400 /);
  await send(receiver, PROTOBUF);
  expect(requests).toHaveLength(1);
  expect(lines).toEqual([]);
});

test("a sender that half-closes after a whole body gets its answer", async () => {
  const socket = await connected(await start());
  socket.end(`${POST_PROTOBUF}\ncontent-length: 4\nconnection: close\n\nspan`.replaceAll("\n", "\r\n"));
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
});

test("a sender that half-closes gets its answer also where that takes a while", async () => {
  const { take, arrived, release } = slowTaker();
  const receiver = await start({ take });
  const socket = await connected(receiver);
  socket.end(`${POST_PROTOBUF}\ncontent-length: 4\n\nspan`.replaceAll("\n", "\r\n"));
  await arrived;
  // By the time this is answered, the receiver has seen the end as well.
  await send(receiver, {}, { method: "GET", path: "/" });
  release();
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
});

test("what follows a body that lied about its length is never taken as part of it", async () => {
  const { take, requests } = taker();
  const answer = await sendRaw(await start({ take }), `${POST_PROTOBUF}\ncontent-length: 4`, "spanand more\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1.1 400 .*connection: close/is);
  for (const { bytes } of requests) expect(String(bytes)).toBe("span");
});

const ORIGIN = "https://shop.example";
const PREFLIGHT = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "content-type,x-tenant",
};

test("a page of an allowed origin may send, and may read the answer", async () => {
  const receiver = await start({ corsOrigins: [ORIGIN] });
  const preflight = await send(receiver, { ...PREFLIGHT, origin: ORIGIN }, { method: "OPTIONS" });
  expect(preflight.status).toBe(204);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type,x-tenant",
  });
  const response = await send(receiver, { ...JSON_TYPE, origin: ORIGIN });
  expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  expect(response.headers.get("vary")).toBe("origin");
});

test.each(["https://evil.example", `${ORIGIN}.evil.example`, "null"])("a page of %s may not", async (origin) => {
  const receiver = await start({ corsOrigins: [ORIGIN] });
  const preflight = await send(receiver, { ...PREFLIGHT, origin }, { method: "OPTIONS" });
  expect(preflight.status).toBe(405);
  const response = await send(receiver, { ...JSON_TYPE, origin });
  for (const { headers } of [preflight, response]) expect(headers.get("access-control-allow-origin")).toBe(null);
});

test("* allows every origin", async () => {
  const receiver = await start({ corsOrigins: ["*"] });
  const response = await send(receiver, { ...JSON_TYPE, origin: ORIGIN });
  expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
});

test("a taken port is an error that says which flag to change", async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({
    code: "address-in-use",
    message: `cannot listen on 127.0.0.1:${port}: the port is taken; choose another with --otlp-http HOST:PORT`,
  });
});

test("an address of another machine is an error in words", async () => {
  await expect(start({ host: "192.0.2.1" })).rejects.toMatchObject({
    code: "bad-argument",
    message: expect.stringContaining("this machine has no such address"),
  });
});

test("stop answers what is in flight, closes its connection, and takes nothing more", async () => {
  const { take, arrived, release } = slowTaker();
  const receiver = await start({ take });
  const inFlight = send(receiver, PROTOBUF);
  await arrived;
  const stopped = receiver.stop();
  await expect(send(receiver, PROTOBUF)).rejects.toThrow("fetch failed");
  release();
  const response = await inFlight;
  expect(response.status).toBe(200);
  expect(response.headers.get("connection")).toBe("close");
  await stopped;
});
