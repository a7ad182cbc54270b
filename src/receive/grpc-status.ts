import { Metadata } from "@grpc/grpc-js";
import { encodeRefusal } from "./encode-response.ts";
import type { Refusal } from "./refusal.ts";

/** A refusal as a gRPC status, with RetryInfo where the sender should try again. */
export function grpcStatus(refusal: Refusal): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  if (refusal.isRetryable) metadata.set("grpc-status-details-bin", encodeRefusal(refusal));
  return { code: refusal.code, details: refusal.message, metadata };
}
