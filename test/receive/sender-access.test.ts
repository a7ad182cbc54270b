import { hash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect as connectTcp } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer } from "node:tls";
import { credentials, Metadata, setLogger } from "@grpc/grpc-js";
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { expect, onTestFinished, test } from "vitest";
import { certificatePrincipal } from "../../src/credential/certificate-principal.ts";
import { startGrpcReceiver } from "../../src/receive/grpc-receiver.ts";
import { startHttpReceiver } from "../../src/receive/http-receiver.ts";
import { IngestKeys } from "../../src/receive/ingest-keys.ts";
import type { Receiver } from "../../src/receive/receiver.ts";
import { type DoorTls, SenderAccess } from "../../src/receive/sender-access.ts";
import { pem } from "../support/certificates.ts";
import { until } from "../support/until.ts";
import { logbook, taker } from "./taker.ts";

const KEY = "tdkey_of-the-test";
const KEYS = new IngestKeys([
  { id: "other", digest: hash("sha256", "another", "buffer") },
  { id: "agent", digest: hash("sha256", KEY, "buffer") },
]);
const TLS: DoorTls = { cert: pem("server"), key: pem("server-key"), clientCa: null };
const MUTUAL: DoorTls = { ...TLS, clientCa: pem("ca") };
const WORKLOAD = { cert: pem("workload"), key: pem("workload-key") };
const SERVER = { cert: pem("server"), key: pem("server-key") };

type Kind = "grpc" | "http";
type Client = { readonly authorization?: string; readonly certificate?: typeof WORKLOAD };

/** One door, what it took, what it said, and how a real exporter sends it a span. */
async function open(kind: Kind, tls: DoorTls | null, keys: IngestKeys | null = KEYS, now = Date.now) {
  const { take, requests } = taker();
  const { lines, log } = logbook();
  const access = new SenderAccess({ tls, keys, nameCertificate: certificatePrincipal, log, now });
  const address = { host: "127.0.0.1", port: 0 };
  const receiver =
    kind === "grpc"
      ? await startGrpcReceiver({ ...address, take, log, access, protoRoot: path.resolve("proto") })
      : await startHttpReceiver({ ...address, take, log, access, corsOrigins: [] });
  onTestFinished(() => receiver.stop());
  const send = (client: Client = {}) => sendSpan(exporterOf(kind, receiver, tls !== null, client));
  const principals = () => requests.map(({ principal }) => principal);
  return { access, receiver, lines, requests, principals, send };
}

type Exporter = NonNullable<NodeSDKConfiguration["traceExporter"]>;

function exporterOf(kind: Kind, { port }: Receiver, isEncrypted: boolean, client: Client): Exporter {
  const { authorization, certificate } = client;
  const address = `${isEncrypted ? "https" : "http"}://127.0.0.1:${port}`;
  const timeoutMillis = 2_000;
  if (kind === "http") {
    const headers = authorization === undefined ? {} : { authorization };
    const httpAgentOptions = isEncrypted ? { ca: pem("ca"), ...certificate } : {};
    return new HttpExporter({ url: `${address}/v1/traces`, headers, httpAgentOptions, timeoutMillis });
  }
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set("authorization", authorization);
  const channel = isEncrypted
    ? credentials.createSsl(pem("ca"), certificate?.key ?? null, certificate?.cert ?? null)
    : credentials.createInsecure();
  return new GrpcExporter({ url: address, metadata, credentials: channel, timeoutMillis });
}

/** A span of the real SDK. */
const SPANS: Parameters<Exporter["export"]>[0] = await new Promise((resolve) => {
  const traceExporter: Exporter = {
    export: (spans, done) => {
      done({ code: 0 });
      resolve(spans);
    },
    shutdown: async () => {},
  };
  const sdk = new NodeSDK({ traceExporter, serviceName: "shop", autoDetectResources: false, instrumentations: [] });
  sdk.start();
  trace.getTracer("test").startSpan("one").end();
  void sdk.shutdown();
});

/** What the exporter says of it: null where all went well. */
async function sendSpan(exporter: Exporter): Promise<string | null> {
  const { error } = await new Promise<{ readonly error?: Error }>((resolve) => exporter.export(SPANS, resolve));
  await exporter.shutdown();
  return error === undefined ? null : String((error as NodeJS.ErrnoException).code);
}

const DOORS: readonly Kind[] = ["grpc", "http"];

test.each(DOORS)("%s: who shows a key is known by its id, and who shows none is nobody", async (kind) => {
  const door = await open(kind, null);
  expect(await door.send({ authorization: `Bearer ${KEY}` })).toBeNull();
  expect(await door.send()).toBeNull();
  expect(door.principals()).toEqual(["key:agent", null]);
  expect(door.access.isGuarded).toBe(false);
});

test.each(DOORS)("%s: where nobody is asked, a key says nothing", async (kind) => {
  const door = await open(kind, null, null);
  expect(await door.send({ authorization: `Bearer ${KEY}` })).toBeNull();
  expect(door.requests).toHaveLength(1);
  expect("principal" in (door.requests[0] ?? {})).toBe(false);
});

test.each(DOORS)("%s: a wrong key is refused for good, counted, and said once without its value", async (kind) => {
  const door = await open(kind, null);
  const wrong = [
    `Bearer ${KEY}x`,
    `Basic ${KEY}`,
    KEY,
    `Bearer ${KEY} ${KEY}`,
    "Bearer",
    `Bearer ${KEY}, Bearer ${KEY}`,
  ];
  for (const authorization of wrong) {
    expect([authorization, await door.send({ authorization })]).toEqual([
      authorization,
      kind === "grpc" ? "16" : "401",
    ]);
  }
  expect(door.requests).toEqual([]);
  expect(door.access.refused).toBe(wrong.length);
  expect(door.lines).toEqual([
    "warn: 127.0.0.1 sends an ingest key that --ingest-keys does not name; its spans are refused",
  ]);
});

test("over HTTP, who is refused is told how to prove who it is", async () => {
  const { receiver } = await open("http", null);
  const headers = { "content-type": "application/json", authorization: "Bearer x" };
  const response = await fetch(`http://127.0.0.1:${receiver.port}/v1/traces`, { method: "POST", headers, body: "{}" });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
  expect(response.headers.get("retry-after")).toBeNull();
  expect(await response.json()).toEqual({
    code: 16,
    message: "expected authorization to be Bearer and an ingest key known here",
  });
});

test.each(DOORS)("%s: over TLS a key is taken as well, and no certificate is asked for", async (kind) => {
  const door = await open(kind, TLS);
  expect(await door.send({ authorization: `Bearer ${KEY}`, certificate: WORKLOAD })).toBeNull();
  expect(door.principals()).toEqual(["key:agent"]);
  expect(door.access.isGuarded).toBe(true);
});

test.each(DOORS)(
  "%s: a certificate says who sends, each connection for itself, and goes before a key",
  async (kind) => {
    const door = await open(kind, MUTUAL);
    const authorization = `Bearer ${KEY}`;
    expect(await door.send({ certificate: WORKLOAD })).toBeNull();
    expect(await door.send({ certificate: SERVER, authorization })).toBeNull();
    expect(await door.send({ authorization })).toBeNull();
    expect(await door.send()).toBeNull();
    expect(door.principals()).toEqual(["spiffe://shop.example/ns/shop/sa/orders", "cert:localhost", "key:agent", null]);
    expect(await door.send({ certificate: WORKLOAD, authorization: "Bearer wrong" })).not.toBeNull();
    expect(door.requests).toHaveLength(4);
  },
);

test.each(DOORS)("%s: a certificate that expires while its connection is open says nothing any more", async (kind) => {
  const validTo = new X509Certificate(WORKLOAD.cert).validToDate.getTime();
  let now = validTo;
  const door = await open(kind, MUTUAL, KEYS, () => now);
  expect(await door.send({ certificate: WORKLOAD })).toBeNull();
  now = validTo + 1;
  expect(await door.send({ certificate: WORKLOAD, authorization: `Bearer ${KEY}` })).not.toBeNull();
  expect(await door.send({ authorization: `Bearer ${KEY}` })).toBeNull();
  expect(door.principals()).toEqual(["spiffe://shop.example/ns/shop/sa/orders", "key:agent"]);
});

test.each(DOORS)("%s: with certificates alone, a key says nothing", async (kind) => {
  const door = await open(kind, MUTUAL, null);
  expect(await door.send({ authorization: "Bearer whatever" })).toBeNull();
  expect(door.principals()).toEqual([null]);
});

test.each(DOORS)(
  "%s: a certificate that nobody vouches for ends the connection, and is said once",
  async (kind) => {
    const door = await open(kind, { ...TLS, clientCa: pem("server") });
    expect(await door.send({ certificate: WORKLOAD })).not.toBeNull();
    expect(await door.send()).toBeNull();
    expect(door.principals()).toEqual([null]);
    expect(door.lines).toEqual([
      "warn: 127.0.0.1 shows a certificate that --otlp-client-ca does not vouch for; it is closed",
    ]);
  },
  15_000,
);

/** How a connection with these options ends, before anything is sent. */
async function handshake({ port }: Receiver, options: ConnectionOptions): Promise<string> {
  const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", ca: pem("ca"), ...options });
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve) => {
    socket.on("secureConnect", () => resolve(socket.getProtocol() ?? ""));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
}

test.each(DOORS)("%s: TLS is 1.2 at the least, and who speaks something else is told of", async (kind) => {
  const { receiver, lines, access } = await open(kind, TLS);
  const old = { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const ALPNProtocols = ["h2", "http/1.1"];
  expect(await handshake(receiver, { ...old, ALPNProtocols, maxVersion: "TLSv1.1" })).not.toMatch(/^TLS/u);
  expect(await handshake(receiver, { ...old, ALPNProtocols, maxVersion: "TLSv1.2" })).toBe("TLSv1.2");
  expect(await handshake(receiver, { ALPNProtocols })).toBe("TLSv1.3");
  expect(access.tlsOptions?.minVersion).toBe("TLSv1.2");
  const plain = connectTcp(receiver.port, "127.0.0.1", () => plain.write("POST /v1/traces HTTP/1.1\r\n\r\n"));
  plain.on("error", () => {});
  await once(plain, "close");
  await until("it is said", () => lines.includes("warn: 127.0.0.1 cannot agree on TLS with this collector"));
  expect(new Set(lines).size).toBe(lines.length);
});

test.each(DOORS)("%s: a connection that never begins to speak TLS is closed when the door is", async (kind) => {
  const { receiver } = await open(kind, TLS);
  const silent = connectTcp(receiver.port, "127.0.0.1").on("error", () => {});
  const closed = once(silent, "close");
  await once(silent, "connect");
  // Connections are taken in turn: that one is known once another has been through.
  await handshake(receiver, { ALPNProtocols: ["h2", "http/1.1"] });
  await receiver.stop();
  await closed;
});

test("a handshake that takes too long ends its connection", async () => {
  const { access } = await open("grpc", TLS);
  const server = createTlsServer({ ...access.tlsOptions, handshakeTimeout: 20 });
  access.watch(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const silent = connectTcp(port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void silent.destroy());
  await once(silent, "close");
});

test("a request whose connection is gone is refused, and nobody's", () => {
  const access = new SenderAccess({ tls: MUTUAL, keys: KEYS, nameCertificate: String, log: () => {} });
  const identify = () => access.identify({ authorization: [], sender: "unknown", proof: undefined });
  expect(identify).toThrow(expect.objectContaining({ code: "malformed-request" }));
});

test("of two headers over HTTP/1.1 nobody's spans are taken", async () => {
  const { receiver, requests } = await open("http", null);
  const socket = connectTcp(receiver.port, "127.0.0.1");
  const head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n";
  const keys = `authorization: Bearer ${KEY}\r\nauthorization: Bearer ${KEY}x\r\n`;
  socket.end(`${head}${keys}connection: close\r\n\r\n{}`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /u);
  expect(requests).toEqual([]);
});

test("a key in a header that is no text is written nowhere", async () => {
  const written: unknown[] = [];
  setLogger({ error: (...parts: unknown[]) => written.push(parts) });
  const { receiver, lines, principals } = await open("grpc", null);
  const session = connectHttp2(`http://127.0.0.1:${receiver.port}`);
  onTestFinished(() => session.close());
  const stream = session.request({
    ":method": "POST",
    ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "content-type": "application/grpc",
    authorization: `Bearer ${KEY}\u00e9`,
  });
  stream.end(Buffer.alloc(5)).resume();
  await once(stream, "close");
  expect(principals()).toEqual([null]);
  expect(written).toEqual([]);
  expect(lines).toEqual([
    "warn: gRPC reports an error, such as a header that is no text; it may hold secrets and is not repeated",
  ]);
});

test("of two headers nobody knows which counts", () => {
  const access = new SenderAccess({ tls: null, keys: KEYS, nameCertificate: String, log: () => {} });
  const shown = { authorization: [`Bearer ${KEY}`, `Bearer ${KEY}`], sender: "1.2.3.4", proof: undefined };
  expect(() => access.identify(shown)).toThrow(expect.objectContaining({ code: "unauthenticated" }));
});
