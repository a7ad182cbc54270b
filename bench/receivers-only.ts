// What the protocols cost by themselves: the collector's own receivers, and nobody behind them.

import { fileURLToPath } from "node:url";
import { startGrpcReceiver } from "../src/receive/grpc-receiver.ts";
import { startHttpReceiver } from "../src/receive/http-receiver.ts";

const options = {
  host: "127.0.0.1",
  port: 0,
  protoRoot: fileURLToPath(new URL("../proto/", import.meta.url)),
  corsOrigins: [],
  take: async () => ({ rejectedSpans: 0, message: "" }),
  log: (_level: string, message: string) => console.error(message),
};
const [grpc, http] = await Promise.all([startGrpcReceiver(options), startHttpReceiver(options)]);
console.log(`  OTLP/gRPC   ${grpc.host}:${grpc.port}\n  OTLP/HTTP   http://${http.host}:${http.port}/v1/traces`);
process.once("SIGTERM", () => Promise.all([grpc.stop(), http.stop()]));
