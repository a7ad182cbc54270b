import { createServer, type Server as Listener, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type handleUnaryCall, type Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { load } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoPath as HEALTH_PROTO, HealthImplementation } from "grpc-health-check";
import { encodeOutcome } from "./encode-response.ts";
import { grpcStatus } from "./grpc-status.ts";
import type { Handshakes } from "./handshakes.ts";
import { limitConnections } from "./limit-connections.ts";
import { listen } from "./listen.ts";
import { logOnce } from "./log-once.ts";
import type { Proof } from "./proof.ts";
import { quietGrpc } from "./quiet-grpc.ts";
import { BODY_BYTES_MAX, type Receiver, STOP_GRACE_MS } from "./receiver.ts";
import { refusalOf } from "./refusal.ts";
import { REFUSED_SIGNALS, type RefusedSignal, refuseSignal } from "./refused-signals.ts";
import type { SenderAccess } from "./sender-access.ts";
import { senderOf } from "./sender-of.ts";
import type { ReceiverLog, TakeExport } from "./take-export.ts";
import { UploadBudget } from "./upload-budget.ts";
import { watchUploads } from "./watch-uploads.ts";

const TRACE_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService";
const TRACE_PROTO = "opentelemetry/proto/collector/trace/v1/trace_service.proto";

const TRACE_METHOD = `/${TRACE_SERVICE}/Export`;
const RAW_PATHS: ReadonlySet<string> = new Set([TRACE_METHOD, ...REFUSED_SIGNALS.map(({ grpcMethod }) => grpcMethod)]);

/** What the OTLP/gRPC endpoint needs; `protoRoot` is the folder of our .proto files, which reflection shows. */
export type GrpcReceiverOptions = {
  readonly host: string;
  readonly port: number;
  readonly bodyBytesMax?: number;
  readonly uploadMsMax?: number;
  readonly uploads?: UploadBudget;
  readonly connectionsMax?: number;
  readonly take: TakeExport;
  readonly log: ReceiverLog;
  readonly protoRoot: string;
  /** Absent: nothing is encrypted, and nobody is asked who they are. */
  readonly access?: SenderAccess;
};

/** What the connections of calls prove, by the calls' metadata: the one thing that interceptors and handlers share. */
type Proofs = WeakMap<Metadata, Proof>;

/** Messages stay bytes: the decoder is another room, and a protobuf library here would decode everything twice. */
type RawHandler = handleUnaryCall<Buffer, Buffer>;

/** Starts OTLP/gRPC with the standard health and reflection services; rejects with `address-in-use`. */
export async function startGrpcReceiver(options: GrpcReceiverOptions): Promise<Receiver> {
  quietGrpc(options.log);
  const proofs: Proofs = new WeakMap();
  const server = createGrpcServer(options, proofs);
  const health = new HealthImplementation({ "": "SERVING", [TRACE_SERVICE]: "SERVING" });
  health.addToServer(server);
  const connections = server.createConnectionInjector(ServerCredentials.createInsecure());
  // A listener of our own, not bindAsync: that one prints its own errors and hides the system's error codes.
  const { listener, handshakes } = createListener(options.access, (socket) => connections.injectConnection(socket));
  registerRaw(server, TRACE_METHOD, exportHandler(options, proofs));
  const signalLog = logOnce(options.log);
  for (const signal of REFUSED_SIGNALS) registerRaw(server, signal.grpcMethod, signalHandler(signal, signalLog));
  await addReflection(server, options.protoRoot);

  limitConnections(listener, options.connectionsMax, options.log);
  const { address, port } = await listen(listener, { ...options, flag: "--otlp-grpc" });
  const stop = async () => {
    health.setStatus("", "NOT_SERVING");
    health.setStatus(TRACE_SERVICE, "NOT_SERVING");
    // Not tryShutdown: it waits for listeners that grpc-js opened. Ours is closed once the last connection is.
    const closed = new Promise((resolve) => listener.close(resolve));
    handshakes?.end();
    connections.drain(STOP_GRACE_MS);
    await closed;
  };
  return { host: address, port, stop };
}

/** grpc-js is given connections that are decrypted already, and certificates are looked at once a connection. */
function createListener(
  access: SenderAccess | undefined,
  accept: (socket: Socket) => void,
): { readonly listener: Listener; readonly handshakes: Handshakes | null } {
  const tls = access?.tlsOptions ?? null;
  if (access === undefined || tls === null) {
    return { listener: createServer({ noDelay: true }, accept), handshakes: null };
  }
  const listener = createTlsServer({ ...tls, noDelay: true, ALPNProtocols: ["h2"] }, (socket) => {
    if (!socket.destroyed) accept(socket);
  });
  return { listener, handshakes: access.watch(listener) };
}

function createGrpcServer(options: GrpcReceiverOptions, proofs: Proofs): Server {
  const { bodyBytesMax = BODY_BYTES_MAX, uploads = new UploadBudget(), uploadMsMax, log } = options;
  const bounds = { uploads, bodyBytesMax, uploadMsMax, rawPaths: RAW_PATHS };
  return new Server({
    interceptors: [watchUploads({ ...bounds, log: logOnce(log), proofs })],
    // Checked on a message's announced length.
    "grpc.max_receive_message_length": bodyBytesMax,
    "grpc.max_concurrent_streams": 128,
    // Who does not answer a ping within 20 s is gone, also one that never began to speak HTTP/2.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.max_connection_idle_ms": 600_000,
    "grpc.enable_channelz": 0,
  });
}

function registerRaw(server: Server, path: string, handler: RawHandler): void {
  const keep = (bytes: Buffer) => bytes;
  server.register(path, handler, keep, keep, "unary");
}

function exportHandler({ take, access, ...options }: GrpcReceiverOptions, proofs: Proofs): RawHandler {
  const log = logOnce(options.log);
  return async (call, callback) => {
    try {
      const sender = senderOfCall(call);
      const shown = { authorization: authorizationIn(call.metadata), sender, proof: proofs.get(call.metadata) };
      const principal = access?.identify(shown);
      const outcome = await take({ bytes: call.request, encoding: "protobuf", sender, ...principal });
      callback(null, encodeOutcome(outcome));
    } catch (error) {
      callback(grpcStatus(refusalOf(error, log)));
    }
  };
}

/** A call's peer is an address, of IPv6 without brackets, and behind it a port. */
function senderOfCall(call: Parameters<RawHandler>[0]): string {
  return senderOf(call.getPeer().replace(/:\d+$/, ""));
}

function authorizationIn(metadata: Metadata): readonly string[] {
  return metadata.get("authorization").map(String);
}

function signalHandler(signal: RefusedSignal, log: ReceiverLog): RawHandler {
  return (call, callback) => {
    callback({ code: status.UNIMPLEMENTED, details: refuseSignal(signal, senderOfCall(call), log) });
  };
}

async function addReflection(server: Server, protoRoot: string): Promise<void> {
  const definition = await load([TRACE_PROTO, HEALTH_PROTO], { includeDirs: [protoRoot] });
  new ReflectionService(definition).addToServer(server);
}
