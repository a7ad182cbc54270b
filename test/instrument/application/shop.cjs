// A service that calls orders as CALLS says, one call after the other.
const { request } = require("node:http");
const grpc = require("@grpc/grpc-js");
const { loadSync } = require("@grpc/proto-loader");

const { HTTP_PORT, GRPC_PORT, PROTO, CALLS } = process.env;
const { inventory } = grpc.loadPackageDefinition(loadSync(PROTO));
const stub = new inventory.v1.Inventory(`127.0.0.1:${GRPC_PORT}`, grpc.credentials.createInsecure());

const WAYS = {
  http: (headers) => viaHttp({ headers }, () => undefined),
  // Headers may also come after the request was made.
  "http-late": (headers) =>
    viaHttp({}, (sent) => {
      for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value);
    }),
  fetch: (headers) => fetch(`http://127.0.0.1:${HTTP_PORT}/fetched`, { headers }).then((answer) => answer.text()),
  grpc: (headers) => viaGrpc("check", headers),
  "grpc-refused": (headers) => viaGrpc("reserve", headers).catch(() => undefined),
};

function viaHttp(options, touch) {
  return new Promise((resolve, reject) => {
    const sent = request(`http://127.0.0.1:${HTTP_PORT}/asked`, options, (answer) =>
      answer.resume().on("end", resolve),
    );
    touch(sent);
    sent.on("error", reject).end();
  });
}

function viaGrpc(method, headers) {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise((resolve, reject) => {
    stub[method]({ sku: "mug" }, metadata, (error) => (error === null ? resolve() : reject(error)));
  });
}

async function main() {
  for (const { via, headers } of JSON.parse(CALLS)) await WAYS[via](headers);
  stub.close();
  await globalThis.stopTelemetry();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
