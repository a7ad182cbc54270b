// A service that lets everybody in, by HTTP and by gRPC.
const { createServer } = require("node:http");
const grpc = require("@grpc/grpc-js");
const { loadSync } = require("@grpc/proto-loader");

const { inventory } = grpc.loadPackageDefinition(loadSync(process.env.PROTO));
const http = createServer((_, response) => response.end("{}"));
const rpc = new grpc.Server();
rpc.addService(inventory.v1.Inventory.service, {
  check: ({ request }, callback) => callback(null, request),
  reserve: (_, callback) => callback({ code: grpc.status.UNAUTHENTICATED }),
});

http.listen(0, "127.0.0.1", () => {
  rpc.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, port) => {
    process.stdout.write(`listening on ${http.address().port} and ${port}\n`);
  });
});
process.on("SIGTERM", () => {
  rpc.forceShutdown();
  http.close(() => globalThis.stopTelemetry());
  http.closeAllConnections();
});
