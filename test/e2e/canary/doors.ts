import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { credentials, Metadata, makeGenericClientConstructor, type ServiceError } from "@grpc/grpc-js";
import type { CollectorProcess } from "../../support/collector-process.ts";
import { exportRequestType } from "../../support/otlp.ts";
import { TELLING } from "./secrets.ts";

const TOKEN = TELLING.access ?? "";
/** By which the collector knows its sender. */
const KEY = TELLING.ingest ?? "";

/** An export request as OTLP/JSON has it. */
export type JsonRequest = { readonly resourceSpans: readonly unknown[] };

/** The ways into a collector; each keeps whatever comes back, headers and trailers included. */
export type Doors = {
  readonly answers: readonly string[];
  readonly grpc: (bytes: Uint8Array, method?: string, authorization?: string) => Promise<void>;
  readonly http: (bytes: Uint8Array, headers?: Readonly<Record<string, string>>) => Promise<void>;
  readonly fetch: (url: string, init?: RequestInit) => Promise<void>;
  /** Bytes on a bare connection. */
  readonly raw: (address: string, bytes: string) => Promise<void>;
  readonly close: () => void;
};

export const PROTOBUF = { "content-type": "application/x-protobuf" };
export const JSON_TYPE = { "content-type": "application/json" };

const EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/** Opens the doors; the secret goes along in the metadata and headers of every request. */
export function openDoors(collector: CollectorProcess): Doors {
  const answers: string[] = [];
  const Client = makeGenericClientConstructor({}, "Any");
  const client = new Client(collector.otlpGrpc, credentials.createInsecure());
  const fetchAndKeep = async (url: string, init: RequestInit = {}): Promise<void> => {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000), ...init });
    answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`);
  };
  return {
    answers,
    grpc: (bytes, method = EXPORT, authorization = `Bearer ${KEY}`) =>
      new Promise((resolve) => {
        const metadata = new Metadata();
        metadata.set("authorization", authorization);
        metadata.set("x-token-bin", Buffer.from(TOKEN));
        const same = (buffer: Buffer) => buffer;
        const deadline = { deadline: Date.now() + 15_000 };
        client.makeUnaryRequest(method, same, same, Buffer.from(bytes), metadata, deadline, keep(resolve, method));
      }),
    http: (bytes, headers = PROTOBUF) =>
      fetchAndKeep(`http://${collector.otlpHttp}/v1/traces`, {
        method: "POST",
        body: Buffer.from(bytes),
        headers: { authorization: `Bearer ${KEY}`, cookie: `session=${TOKEN}`, ...headers },
      }),
    fetch: fetchAndKeep,
    raw: (address, bytes) => sendRaw(address, bytes, answers),
    close: () => client.close(),
  };

  /** A method that is not there is named in grpc-js's own answer, to whoever just named it. */
  function keep(resolve: () => void, method: string) {
    return (error: ServiceError | null, answer?: Buffer) => {
      answers.push(
        error === null
          ? String(answer)
          : `${error.code} ${error.details.replaceAll(method, "")} ${JSON.stringify(error.metadata)}`,
      );
      resolve();
    };
  }
}

function sendRaw(address: string, bytes: string, answers: string[]): Promise<void> {
  const [host = "", port = ""] = address.split(":");
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => socket.end(bytes));
    socket.on("data", (data) => answers.push(data.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.setTimeout(5_000, () => socket.destroy());
  });
}

/** The request in protobuf, ids and all. */
export function toProtobuf(request: JsonRequest): Uint8Array {
  const withBytes = JSON.parse(JSON.stringify(request), (key, value) =>
    /^(?:trace|span|parentSpan)Id$/u.test(key) ? Buffer.from(value, "hex").toString("base64") : value,
  );
  return exportRequestType.encode(exportRequestType.fromObject(withBytes)).finish();
}

/** The request in JSON. */
export function toJson(request: JsonRequest): Uint8Array {
  return Buffer.from(JSON.stringify(request));
}

/** Sends a request by one of the doors, another each time. */
export async function sendAt(index: number, request: JsonRequest, doors: Doors): Promise<void> {
  if (index % 4 === 0) await doors.grpc(toProtobuf(request));
  else if (index % 4 === 1) await doors.http(toProtobuf(request));
  else if (index % 4 === 2) await doors.http(toJson(request), JSON_TYPE);
  else await doors.http(gzipSync(toProtobuf(request)), { ...PROTOBUF, "content-encoding": "gzip" });
}

/** Requests that cannot be taken, each with a secret in it, by every door. */
export async function sendMalformed(good: JsonRequest, collector: CollectorProcess, doors: Doors): Promise<void> {
  const [protobuf, json] = [toProtobuf(good), Buffer.from(toJson(good))];
  const cuts = [0.3, 0.6, 0.9, 0.99];
  const broken = Uint8Array.from(protobuf);
  broken[protobuf.length - 40] = 0xff;
  for (const bytes of [
    ...cuts.map((part) => protobuf.subarray(0, protobuf.length * part)),
    broken,
    Buffer.from(TOKEN),
  ]) {
    await doors.grpc(bytes);
    await doors.http(bytes);
    await doors.http(gzipSync(bytes).subarray(0, -9), { ...PROTOBUF, "content-encoding": "gzip" });
    await doors.http(bytes, { ...PROTOBUF, "content-encoding": "gzip" });
    await doors.http(bytes, { ...PROTOBUF, "content-encoding": TOKEN });
    await doors.http(bytes, { "content-type": `text/${TOKEN}` });
    await doors.http(bytes, { "content-type": `application/json; token=${TOKEN}` });
  }
  for (const authorization of [`Bearer ${TOKEN}`, `Bearer ${KEY}x`, `Basic ${KEY}`, KEY, `Bearer ${KEY} ${KEY}`]) {
    await doors.http(protobuf, { ...PROTOBUF, authorization });
    await doors.grpc(protobuf, EXPORT, authorization);
  }
  const at = json.indexOf(TOKEN);
  const faults = ["\u0000", '"', "}", "\\", "\\u00", "{", ","].map((fault) =>
    Buffer.concat([json.subarray(0, at + TOKEN.length), Buffer.from(fault), json.subarray(at + TOKEN.length)]),
  );
  const shapes = [
    ...[TOKEN, `"${TOKEN}"`, `{"${TOKEN}":1}`, `{"resourceSpans":"${TOKEN}"}`, `[${"[".repeat(200)}"${TOKEN}"`],
    ...[`{"resourceSpans":[{"resource":{"attributes":"${TOKEN}"}}]}`, `{"resourceSpans":[${TOKEN}]}`],
    ...["traceId", "spanId", "kind", "startTimeUnixNano", "flags", "links", "status"].map(
      (key) => `{"resourceSpans":[{"scopeSpans":[{"spans":[{"${key}":"${TOKEN}"}]}]}]}`,
    ),
  ].map((text) => Buffer.from(text));
  for (const bytes of [...cuts.map((part) => json.subarray(0, json.length * part)), ...faults, ...shapes]) {
    await doors.http(bytes, JSON_TYPE);
  }
  const bomb = gzipSync(Buffer.alloc(40_000_000, `${TOKEN} `));
  await doors.http(bomb, { ...PROTOBUF, "content-encoding": "gzip" });
  await doors.http(bomb, { ...JSON_TYPE, "content-encoding": "gzip" });
  await doors.grpc(Buffer.alloc(17_000_000, TOKEN));
  for (const service of [`/${TOKEN}/Export`, EXPORT.replace("trace.v1.Trace", "logs.v1.Logs"), `${EXPORT}${TOKEN}`]) {
    await doors.grpc(protobuf, service);
  }
  await sendAstray(collector, doors);
}

/** Requests that go to the wrong place, or are no HTTP at all. */
async function sendAstray({ otlpHttp, otlpGrpc, api }: CollectorProcess, doors: Doors): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, "x-api-key": TOKEN, cookie: `session=${TOKEN}` };
  const paths = [
    `/${TOKEN}`,
    `/v1/traces/${TOKEN}`,
    `/v1/logs?token=${TOKEN}`,
    `/metrics?token=${TOKEN}`,
    `/readyz?${TOKEN}`,
  ];
  for (const address of [otlpHttp, api]) {
    for (const path of paths) {
      for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
        const body = method === "POST" ? { body: TOKEN } : {};
        await doors.fetch(`http://${address}${path}`, { method, headers, ...body });
      }
    }
    await doors.raw(address, `GET /healthz HTTP/1.1\r\nHost: ${TOKEN}.example\r\n\r\n`);
    await doors.raw(address, `${TOKEN} / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await doors.raw(address, `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-${TOKEN}\u0001: ${TOKEN}\r\n\r\n`);
    await doors.raw(
      address,
      `OPTIONS /v1/traces HTTP/1.1\r\nHost: localhost\r\nOrigin: https://${TOKEN}\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: ${TOKEN}\r\n\r\n`,
    );
    await doors.raw(address, `${TOKEN}\r\n\r\n`);
  }
  await doors.raw(otlpGrpc, `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${TOKEN}`);
}
