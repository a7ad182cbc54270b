import path from "node:path";
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import protobuf from "protobufjs";
import { expect, onTestFinished, test, vi } from "vitest";
import { OperatingError } from "../../src/model/operating-error.ts";
import { startGrpcReceiver } from "../../src/receive/grpc-receiver.ts";
import { startHttpReceiver } from "../../src/receive/http-receiver.ts";
import type { Receiver } from "../../src/receive/receiver.ts";
import type { ExportRequest, TakeExport } from "../../src/receive/take-export.ts";
import { ALL_TAKEN, logbook, taker } from "./taker.ts";

type Exporter = NonNullable<NodeSDKConfiguration["traceExporter"]>;

/** Refuses the first request as overloaded and takes what comes after. */
function hesitantTaker() {
  const requests: ExportRequest[] = [];
  const take: TakeExport = async (request) => {
    requests.push(request);
    if (requests.length === 1) throw new OperatingError("overloaded", "cannot take more for now");
    return ALL_TAKEN;
  };
  return { take, requests };
}

function startHttp(take: TakeExport): Promise<Receiver> {
  return startHttpReceiver({ host: "127.0.0.1", port: 0, take, log: logbook().log, corsOrigins: [] });
}

function startGrpc(take: TakeExport): Promise<Receiver> {
  const protoRoot = path.resolve("proto");
  return startGrpcReceiver({ host: "127.0.0.1", port: 0, take, log: logbook().log, protoRoot });
}

async function sendOneSpan(traceExporter: Exporter, name: string): Promise<void> {
  const sdk = new NodeSDK({ traceExporter, serviceName: "shop", autoDetectResources: false, instrumentations: [] });
  sdk.start();
  onTestFinished(() => trace.disable());
  trace.getTracer("test").startSpan(name).end();
  await sdk.shutdown();
}

const loadedSchema = new protobuf.Root();
loadedSchema.resolvePath = (_origin, target) => path.resolve("proto", target);

async function spanNames(taken: ExportRequest | undefined): Promise<string[]> {
  const { bytes, encoding } = taken ?? { bytes: Buffer.alloc(0), encoding: "protobuf" };
  const root = await loadedSchema.load("opentelemetry/proto/collector/trace/v1/trace_service.proto");
  const type = root.lookupType("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");
  const request = encoding === "json" ? JSON.parse(String(bytes)) : type.toObject(type.decode(bytes));
  return request.resourceSpans[0].scopeSpans[0].spans.map((span: { name: string }) => span.name);
}

type Case = readonly [name: string, start: typeof startHttp, exporter: (address: string) => Exporter];
const url = (address: string) => ({ url: `http://${address}/v1/traces` });
const GRPC: Case = ["grpc", startGrpc, (address) => new GrpcExporter({ url: `http://${address}` })];
const HTTP: Case[] = [
  ["http/protobuf", startHttp, (address) => new ProtobufExporter(url(address))],
  ["http/json", startHttp, (address) => new JsonExporter(url(address))],
];
const CASES = [GRPC, ...HTTP].flatMap((each) => [[...each, "none"] as const, [...each, "gzip"] as const]);

test.each(CASES)("a span of the %s exporter arrives", async (name, start, exporter, compression) => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { take, requests } = taker();
  const receiver = await start(take);
  onTestFinished(() => receiver.stop());
  await sendOneSpan(exporter(`${receiver.host}:${receiver.port}`), `GET /${name}`);
  expect(requests).toHaveLength(1);
  expect(await spanNames(requests[0])).toEqual([`GET /${name}`]);
});

// Not the gRPC exporter: OpenTelemetry's for JavaScript drops a span on any failure, whatever the status says.
test.each(HTTP)("the %s exporter sends a span again that was refused for now", async (name, start, exporter) => {
  const { take, requests } = hesitantTaker();
  const receiver = await start(take);
  onTestFinished(() => receiver.stop());
  await sendOneSpan(exporter(`${receiver.host}:${receiver.port}`), `GET /${name}`);
  expect(requests).toHaveLength(2);
  expect(requests[1]).toEqual(requests[0]);
  expect(await spanNames(requests[1])).toEqual([`GET /${name}`]);
});
