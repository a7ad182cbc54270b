import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import { loadService } from "./grpc-client.ts";
import type { Door } from "./http-door.ts";
import { grpc } from "./instrumented.ts";
import { TokenRefused, type VerifyToken } from "./verify-token.ts";

/** What a method does once the caller's token is verified. */
export type Methods = Readonly<Record<string, (message: Record<string, unknown>) => object>>;

/** Serves one gRPC service on a free loopback port, to callers with a token that `verify` lets through. */
export async function openGrpcDoor(service: string, methods: Methods, verify: VerifyToken): Promise<Door> {
  const server = new grpc.Server();
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(methods)) {
    handlers[name] = (call: ServerUnaryCall<Record<string, unknown>, object>, callback: sendUnaryData<object>) => {
      verify(call.metadata.get("authorization")[0]?.toString()).then(
        () => callback(null, method(call.request)),
        (error: unknown) => callback({ code: statusOf(error), details: String(error) }),
      );
    };
  }
  server.addService(loadService(service), handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => new Promise((resolve) => server.tryShutdown(() => resolve())) };
}

function statusOf(error: unknown): number {
  return error instanceof TokenRefused ? grpc.status.UNAUTHENTICATED : grpc.status.UNAVAILABLE;
}
