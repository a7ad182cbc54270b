import { fileURLToPath } from "node:url";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { grpc } from "./instrumented.ts";

/** Calls one method with an `authorization`; the messages are plain objects. */
export type GrpcCall = (method: string, message: object, authorization: string) => Promise<unknown>;

/** The definition of a service such as `payments.v1.Payments`, from `demo/proto/payments.proto`. */
export function loadService(service: string): ServiceDefinition {
  const path = new URL(`proto/${service.split(".")[0]}.proto`, import.meta.url);
  return loadSync(fileURLToPath(path), { longs: Number, defaults: true })[service] as ServiceDefinition;
}

/** A client of one gRPC service at `host:port`. */
export function connectGrpc(address: string | undefined, service: string): GrpcCall {
  const definition = loadService(service);
  const client = new grpc.Client(address ?? "", grpc.credentials.createInsecure());
  return (name, message, authorization) => {
    const method = definition[name];
    if (method === undefined) throw new Error(`cannot call ${service}: it has no method ${name}`);
    const metadata = new grpc.Metadata();
    metadata.set("authorization", authorization);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        message,
        metadata,
        (error, answer) => (error === null ? resolve(answer) : reject(error)),
      );
    });
  };
}
