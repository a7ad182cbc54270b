import { fileURLToPath } from "node:url";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { trace } from "@opentelemetry/api";
import { credentialFacts } from "./credential-facts.ts";
import { grpc } from "./instrumented.ts";

/** Calls one method with a bearer token; the messages are plain objects. */
export type GrpcCall = (method: string, message: object, token: string) => Promise<unknown>;

/** The definition of a service such as `payments.v1.Payments`, from `demo/proto/payments.proto`. */
export function loadService(service: string): ServiceDefinition {
  const path = new URL(`proto/${service.split(".")[0]}.proto`, import.meta.url);
  return loadSync(fileURLToPath(path), { longs: Number, defaults: true })[service] as ServiceDefinition;
}

/** A client of one gRPC service at `host:port`. `showCredential` puts credential facts on its spans. */
export function connectGrpc(address: string | undefined, service: string, showCredential: boolean): GrpcCall {
  const definition = loadService(service);
  const client = new grpc.Client(address ?? "", grpc.credentials.createInsecure());
  return (name, message, token) => {
    const method = definition[name];
    if (method === undefined) throw new Error(`cannot call ${service}: it has no method ${name}`);
    const metadata = new grpc.Metadata();
    metadata.set("authorization", `Bearer ${token}`);
    const interceptors = showCredential ? [showToken] : [];
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        message,
        metadata,
        { interceptors },
        (error, answer) => (error === null ? resolve(answer) : reject(error)),
      );
    });
  };
}

// The instrumentation for gRPC has no request hook; an interceptor runs while its client span is the active one.
const showToken: import("@grpc/grpc-js").Interceptor = (options, nextCall) =>
  new grpc.InterceptingCall(nextCall(options), {
    start: (metadata, listener, next) => {
      trace.getActiveSpan()?.setAttributes(credentialFacts(metadata.get("authorization")[0]?.toString()));
      next(metadata, listener);
    },
  });
