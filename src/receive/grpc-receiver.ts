import { createServer } from "node:net";
import { type handleUnaryCall, Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { load } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoPath as HEALTH_PROTO, HealthImplementation } from "grpc-health-check";
import { encodeOutcome, encodeRefusal } from "./encode-response.ts";
import { listen } from "./listen.ts";
import { logOnce } from "./log-once.ts";
import { BODY_BYTES_MAX, type Receiver, STOP_GRACE_MS } from "./receiver.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import { REFUSED_SIGNALS, type RefusedSignal, refuseSignal } from "./refused-signals.ts";
import { senderOf } from "./sender-of.ts";
import type { ReceiverLog, TakeExport } from "./take-export.ts";

const TRACE_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService";
const TRACE_PROTO = "opentelemetry/proto/collector/trace/v1/trace_service.proto";

/** What the OTLP/gRPC endpoint needs; `protoRoot` is the folder of our .proto files, which reflection shows. */
export type GrpcReceiverOptions = {
  readonly host: string;
  readonly port: number;
  readonly bodyBytesMax?: number;
  readonly take: TakeExport;
  readonly log: ReceiverLog;
  readonly protoRoot: string;
};

/** Messages stay bytes: the decoder is another room, and a protobuf library here would decode everything twice. */
type RawHandler = handleUnaryCall<Buffer, Buffer>;

/** Starts OTLP/gRPC with the standard health and reflection services; rejects with `address-in-use`. */
export async function startGrpcReceiver(options: GrpcReceiverOptions): Promise<Receiver> {
  const server = createGrpcServer(options.bodyBytesMax ?? BODY_BYTES_MAX);
  const health = new HealthImplementation({ "": "SERVING", [TRACE_SERVICE]: "SERVING" });
  health.addToServer(server);
  registerRaw(server, `/${TRACE_SERVICE}/Export`, exportHandler(options.take, logOnce(options.log)));
  const signalLog = logOnce(options.log);
  for (const signal of REFUSED_SIGNALS) registerRaw(server, signal.grpcMethod, signalHandler(signal, signalLog));
  await addReflection(server, options.protoRoot);

  // A listener of our own, not bindAsync: that one prints its own errors and hides the system's error codes.
  const connections = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer({ noDelay: true }, (socket) => connections.injectConnection(socket));
  const { address, port } = await listen(listener, { ...options, flag: "--otlp-grpc" });
  const stop = async () => {
    health.setStatus("", "NOT_SERVING");
    health.setStatus(TRACE_SERVICE, "NOT_SERVING");
    // Not tryShutdown: it waits for listeners that grpc-js opened. Ours is closed once the last connection is.
    const closed = new Promise((resolve) => listener.close(resolve));
    connections.drain(STOP_GRACE_MS);
    await closed;
  };
  return { host: address, port, stop };
}

function createGrpcServer(bodyBytesMax: number): Server {
  return new Server({
    // Checked by grpc-js twice: on a message's announced length, and on what comes out of gzip while it comes out.
    "grpc.max_receive_message_length": bodyBytesMax,
    "grpc.max_concurrent_streams": 128,
    "grpc.keepalive_time_ms": 60_000,
    "grpc.enable_channelz": 0,
  });
}

function registerRaw(server: Server, path: string, handler: RawHandler): void {
  const keep = (bytes: Buffer) => bytes;
  server.register(path, handler, keep, keep, "unary");
}

function exportHandler(take: TakeExport, log: ReceiverLog): RawHandler {
  return async (call, callback) => {
    try {
      const sender = senderOf(call.getPeer());
      const outcome = await take({ bytes: call.request, encoding: "protobuf", sender });
      callback(null, encodeOutcome(outcome));
    } catch (error) {
      callback(grpcStatus(refusalOf(error, log)));
    }
  };
}

function grpcStatus(refusal: Refusal): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  if (refusal.isRetryable) metadata.set("grpc-status-details-bin", encodeRefusal(refusal));
  return { code: refusal.code, details: refusal.message, metadata };
}

function signalHandler(signal: RefusedSignal, log: ReceiverLog): RawHandler {
  return (call, callback) => {
    callback({ code: status.UNIMPLEMENTED, details: refuseSignal(signal, senderOf(call.getPeer()), log) });
  };
}

async function addReflection(server: Server, protoRoot: string): Promise<void> {
  const definition = await load([TRACE_PROTO, HEALTH_PROTO], { includeDirs: [protoRoot] });
  new ReflectionService(definition).addToServer(server);
}
