import { setLogger } from "@grpc/grpc-js";
import { logOnce } from "./log-once.ts";
import type { ReceiverLog } from "./take-export.ts";

/** Keeps grpc-js from writing to stderr itself: its errors quote headers, and so keys. It has one logger a process. */
export function quietGrpc(log: ReceiverLog): void {
  const say = logOnce(log);
  const error = () =>
    say("warn", "gRPC reports an error, such as a header that is no text; it may hold secrets and is not repeated");
  setLogger({ error, info: () => undefined, debug: () => undefined });
}
