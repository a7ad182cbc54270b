// What gRPC costs by itself: the collector's own receiver, and nobody behind it.

import { fileURLToPath } from "node:url";
import { startGrpcReceiver } from "../src/receive/grpc-receiver.ts";

const receiver = await startGrpcReceiver({
  host: "127.0.0.1",
  port: 0,
  protoRoot: fileURLToPath(new URL("../proto/", import.meta.url)),
  take: async () => ({ rejectedSpans: 0, message: "" }),
  log: (_level, message) => console.error(message),
});
console.log(`  OTLP/gRPC   ${receiver.host}:${receiver.port}`);
process.once("SIGTERM", () => receiver.stop());
