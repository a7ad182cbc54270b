import type { Outcome } from "../model/graph.ts";
import { SPAN_STATUS } from "../model/span-batch.ts";
import type { SpanFields } from "./attribute-names.ts";

/** gRPC's status codes by number, as `rpc.grpc.status_code` gives them. */
const GRPC_NAMES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];
/** Codes that the semantic conventions for gRPC server spans count as the server's error. */
const GRPC_ERRORS = new Set(["UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"]);

/** How the call ended as one side saw it. A protocol's own code decides; the span's status only where there is none. */
export function nameOutcome(fields: SpanFields, status: number): Outcome {
  if (fields.rpcStatus !== undefined) return rpcOutcome(fields.rpcStatus);
  const http = Number(fields.httpStatus ?? Number.NaN);
  if (http >= 100) return httpOutcome(http);
  if (status === SPAN_STATUS.error) return "error";
  return status === SPAN_STATUS.ok ? "ok" : "unknown";
}

function httpOutcome(code: number): Outcome {
  if (code === 401 || code === 403 || code === 407) return "refused";
  if (code >= 500) return "error";
  return code >= 200 && code < 300 ? "ok" : "unknown";
}

function rpcOutcome(code: string): Outcome {
  const name = GRPC_NAMES[Number(code)] ?? code.toUpperCase();
  if (name === "OK") return "ok";
  if (name === "UNAUTHENTICATED" || name === "PERMISSION_DENIED") return "refused";
  return GRPC_ERRORS.has(name) ? "error" : "unknown";
}
