import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import path from "node:path";
import { gzipSync } from "node:zlib";
import {
  Client,
  type ClientOptions,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath as healthProto } from "grpc-health-check";
import { expect, onTestFinished, test } from "vitest";
import type { OperatingErrorCode } from "../../src/model/operating-error.ts";
import { type GrpcReceiverOptions, startGrpcReceiver } from "../../src/receive/grpc-receiver.ts";
import type { Receiver } from "../../src/receive/receiver.ts";
import { decodeResponse, decodeStatus, RETRY_IN_ONE_SECOND } from "./rpc-status.ts";
import { logbook, refuser, slowTaker, taker } from "./taker.ts";

const TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const GZIP = { "grpc.default_compression_algorithm": 2 } satisfies ClientOptions;
const PROTO_ROOT = path.resolve("proto");

async function start(options: Partial<GrpcReceiverOptions> = {}): Promise<Receiver> {
  const { log } = logbook();
  const defaults = { host: "127.0.0.1", port: 0, take: taker().take, log, protoRoot: PROTO_ROOT };
  const receiver = await startGrpcReceiver({ ...defaults, ...options });
  onTestFinished(() => receiver.stop());
  return receiver;
}

function clientOf({ host, port }: Receiver, options: ClientOptions = {}): Client {
  const client = new Client(`${host}:${port}`, credentials.createInsecure(), options);
  onTestFinished(() => client.close());
  return client;
}

type Answer = {
  readonly code: number;
  readonly message: string;
  readonly bytes: Buffer;
  readonly details: Buffer | null;
};

function call(client: Client, bytes: Uint8Array, method = TRACES): Promise<Answer> {
  const keep = (value: Buffer) => value;
  return new Promise((resolve) => {
    client.makeUnaryRequest(method, keep, keep, Buffer.from(bytes), (error: ServiceError | null, value?: Buffer) => {
      const details = (error?.metadata.get("grpc-status-details-bin")[0] as Buffer | undefined) ?? null;
      const code = error?.code ?? status.OK;
      resolve({ code, message: error?.details ?? "", bytes: value ?? Buffer.alloc(0), details });
    });
  });
}

test("a sender's IPv6 address is named without its port", async () => {
  const { take, requests } = taker();
  const { port } = await start({ take, host: "::1" });
  await call(clientOf({ host: "[::1]", port, stop: async () => {} }), Buffer.alloc(0));
  expect(requests.map(({ sender }) => sender)).toEqual(["::1"]);
});

test("a request's bytes arrive untouched, and the answer to a whole success is empty", async () => {
  const { take, requests } = taker();
  const client = clientOf(await start({ take }));
  const bytes = randomBytes(300_000);
  const answer = await call(client, bytes);
  expect(answer.code).toBe(status.OK);
  expect(answer.bytes).toHaveLength(0);
  expect(requests).toEqual([{ bytes, encoding: "protobuf", sender: "127.0.0.1" }]);
});

test("a request without any bytes is a request", async () => {
  const { take, requests } = taker();
  expect((await call(clientOf(await start({ take })), Buffer.alloc(0))).code).toBe(status.OK);
  expect(requests).toHaveLength(1);
});

test("gzip is undone before the bytes are taken", async () => {
  const { take, requests } = taker();
  const client = clientOf(await start({ take }), GZIP);
  const bytes = Buffer.from("span ".repeat(10_000));
  expect((await call(client, bytes)).code).toBe(status.OK);
  expect(requests[0]?.bytes).toEqual(bytes);
});

test("rejected spans are reported as a partial success", async () => {
  const outcome = { rejectedSpans: 300, message: "300 spans have no trace id" };
  const answer = await call(clientOf(await start({ take: async () => outcome })), Buffer.from("x"));
  expect(answer.code).toBe(status.OK);
  expect(decodeResponse(answer.bytes)).toEqual({
    partialSuccess: { rejectedSpans: 300, errorMessage: "300 spans have no trace id" },
  });
});

const FOR_GOOD: [OperatingErrorCode, number][] = [
  ["malformed-request", status.INVALID_ARGUMENT],
  ["request-too-large", status.RESOURCE_EXHAUSTED],
];
test.each(FOR_GOOD)("%s is refused for good: without RetryInfo", async (code, grpcCode) => {
  const answer = await call(clientOf(await start({ take: refuser(code) })), Buffer.from("x"));
  expect(answer).toMatchObject({ code: grpcCode, message: `cannot take this: ${code}`, details: null });
});

const FOR_NOW: OperatingErrorCode[] = ["overloaded", "shutting-down", "storage-full", "storage-failed"];
test.each(FOR_NOW)("%s is refused for now: UNAVAILABLE, to be tried again in a second", async (code) => {
  const answer = await call(clientOf(await start({ take: refuser(code) })), Buffer.from("x"));
  expect(answer).toMatchObject({ code: status.UNAVAILABLE, message: `cannot take this: ${code}` });
  expect(decodeStatus(answer.details ?? Buffer.alloc(0))).toEqual({
    code: status.UNAVAILABLE,
    message: `cannot take this: ${code}`,
    details: RETRY_IN_ONE_SECOND,
  });
});

test("a fault of ours is INTERNAL, and quotes its error neither on the wire nor in the log", async () => {
  const { log, lines } = logbook();
  const take = async () => {
    throw new TypeError("cannot read s3cret-value");
  };
  const client = clientOf(await start({ take, log }));
  const answer = await call(client, Buffer.from("x"));
  await call(client, Buffer.from("y"));
  expect(answer).toMatchObject({ code: status.INTERNAL, details: null });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^warn: an export request failed inside the collector: TypeError at .*grpc-receiver\.test/);
  expect(`${answer.message} ${lines}`).not.toContain("s3cret");
});

test("a request above the limit is refused for good, and one at the limit is taken", async () => {
  const client = clientOf(await start({ bodyBytesMax: 1_000 }));
  expect((await call(client, randomBytes(1_000))).code).toBe(status.OK);
  expect(await call(client, randomBytes(1_001))).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: null });
});

test("the limit is 16 MiB where none is given", async () => {
  const client = clientOf(await start());
  expect((await call(client, Buffer.alloc(16 * 1024 * 1024))).code).toBe(status.OK);
  expect((await call(client, Buffer.alloc(16 * 1024 * 1024 + 1))).code).toBe(status.RESOURCE_EXHAUSTED);
});

/** One compressed message over bare HTTP/2, because a gRPC client sends only gzip that is whole; returns the gRPC status. */
async function callCompressed({ host, port }: Receiver, compressed: Buffer): Promise<number> {
  const session = connectHttp2(`http://${host}:${port}`);
  onTestFinished(() => session.close());
  const stream = session.request({
    ":method": "POST",
    ":path": TRACES,
    "content-type": "application/grpc",
    "grpc-encoding": "gzip",
    te: "trailers",
  });
  const prefix = Buffer.from([1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(compressed.length, 1);
  const trailers = new Promise<IncomingHttpHeaders>((resolve) => {
    for (const event of ["response", "trailers"]) {
      stream.on(event, (headers) => "grpc-status" in headers && resolve(headers));
    }
  });
  stream.end(Buffer.concat([prefix, compressed]));
  stream.resume();
  return Number((await trailers)["grpc-status"]);
}

test.each([
  ["whole gzip is taken", gzipSync("span"), status.OK],
  ["gzip at the limit is taken", gzipSync(Buffer.alloc(1_000_000)), status.OK],
  ["a gzip bomb is stopped at the limit", gzipSync(Buffer.alloc(50_000_000)), status.RESOURCE_EXHAUSTED],
  ["truncated gzip is refused for good", gzipSync("span".repeat(100)).subarray(0, 20), status.INVALID_ARGUMENT],
  ["what is not gzip at all is refused for good", Buffer.from("no gzip"), status.INVALID_ARGUMENT],
])("%s", async (_claim, compressed, expected) => {
  const { take, requests } = taker();
  const receiver = await start({ take, bodyBytesMax: 1_000_000 });
  expect(await callCompressed(receiver, compressed)).toBe(expected);
  expect(requests).toHaveLength(expected === status.OK ? 1 : 0);
});

const OTHER_SIGNALS = [
  ["metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"],
  ["logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"],
  ["profiles", "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"],
] as const;
test.each(OTHER_SIGNALS)("%s are UNIMPLEMENTED, with a hint, and logged once per sender", async (signal, method) => {
  const { log, lines } = logbook();
  const client = clientOf(await start({ log }));
  const answer = await call(client, Buffer.from("x"), method);
  await call(client, Buffer.from("y"), method);
  expect(answer.code).toBe(status.UNIMPLEMENTED);
  expect(answer.message).toContain("only traces are taken here");
  expect(lines).toEqual([
    `warn: 127.0.0.1 sends ${signal}, and only traces are taken here; send its ${signal} elsewhere`,
  ]);
});

function healthClient(receiver: Receiver): Client & { check: (request: object, done: HealthDone) => void } {
  const { grpc } = loadPackageDefinition(loadSync(healthProto, { enums: String })) as unknown as {
    grpc: { health: { v1: { Health: ServiceClientConstructor } } };
  };
  const client = new grpc.health.v1.Health(`${receiver.host}:${receiver.port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client as unknown as ReturnType<typeof healthClient>;
}
type HealthDone = (error: ServiceError | null, answer?: { status: string }) => void;

test.each(["", "opentelemetry.proto.collector.trace.v1.TraceService"])(
  "the health of %j is SERVING",
  async (service) => {
    const client = healthClient(await start());
    const answer = await new Promise((resolve) => client.check({ service }, (error, value) => resolve(error ?? value)));
    expect(answer).toMatchObject({ status: "SERVING" });
  },
);

test("reflection names the trace service", async () => {
  const receiver = await start();
  const protoDir = path.resolve("node_modules/@grpc/reflection/build/proto");
  const { grpc } = loadPackageDefinition(
    loadSync("grpc/reflection/v1/reflection.proto", { includeDirs: [protoDir] }),
  ) as unknown as {
    grpc: { reflection: { v1: { ServerReflection: ServiceClientConstructor } } };
  };
  const client = new grpc.reflection.v1.ServerReflection(
    `${receiver.host}:${receiver.port}`,
    credentials.createInsecure(),
  );
  onTestFinished(() => client.close());
  const stream = client.ServerReflectionInfo?.() as unknown as NodeJS.ReadWriteStream & { write(o: object): void };
  stream.write({ listServices: "" });
  const [listed] = await once(stream, "data");
  stream.write({ fileContainingSymbol: "opentelemetry.proto.collector.trace.v1.TraceService" });
  const [file] = await once(stream, "data");
  stream.end();
  const names = listed.listServicesResponse.service.map(({ name }: { name: string }) => name);
  expect(names).toContain("opentelemetry.proto.collector.trace.v1.TraceService");
  expect(names).toContain("grpc.health.v1.Health");
  expect(file.fileDescriptorResponse.fileDescriptorProto.length).toBeGreaterThan(0);
});

test("a taken port is an error that says which flag to change", async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({
    code: "address-in-use",
    message: `cannot listen on 127.0.0.1:${port}: the port is taken; choose another with --otlp-grpc HOST:PORT`,
  });
});

test("stop answers what is in flight, and then takes nothing more", async () => {
  const { take, arrived, release } = slowTaker();
  const receiver = await start({ take });
  const inFlight = call(clientOf(receiver), Buffer.from("x"));
  await arrived;
  const stopped = receiver.stop();
  const late = call(clientOf(receiver), Buffer.from("late"));
  expect(await Promise.race([stopped, late])).toMatchObject({ code: status.UNAVAILABLE });
  release();
  expect((await inFlight).code).toBe(status.OK);
  await stopped;
  expect((await call(clientOf(receiver), Buffer.from("later"))).code).toBe(status.UNAVAILABLE);
});

test("stop does not wait for idle connections", async () => {
  const receiver = await start();
  const client = clientOf(receiver);
  await call(client, Buffer.from("x"));
  const begun = performance.now();
  await receiver.stop();
  expect(performance.now() - begun).toBeLessThan(2_000);
});

test("senders that are not gRPC or leave in the middle do no harm", async () => {
  const { take, requests } = taker();
  const receiver = await start({ take });
  const stranger = connect(receiver.port, receiver.host);
  stranger.end("GET / HTTP/1.1\r\n\r\n").resume();
  const leaver = connect(receiver.port, receiver.host);
  await once(leaver, "connect");
  leaver.resetAndDestroy();
  await once(stranger, "close");
  expect((await call(clientOf(receiver), Buffer.from("x"))).code).toBe(status.OK);
  expect(requests).toHaveLength(1);
});
