import { status } from "@grpc/grpc-js";
import { OperatingError, type OperatingErrorCode } from "../model/operating-error.ts";
import type { ReceiverLog } from "./take-export.ts";

/** Seconds after which a sender may try again what was refused for now. */
export const RETRY_AFTER_S = 1;

/** How a request is refused on either protocol. */
export type Refusal = {
  /** `google.rpc.Code`, which is also the gRPC status. */
  readonly code: number;
  readonly httpStatus: number;
  readonly message: string;
  /** True where the exporter should keep the request and send it again. */
  readonly isRetryable: boolean;
};

type Kind = Omit<Refusal, "message">;

const TRY_AGAIN: Kind = { code: status.UNAVAILABLE, httpStatus: 503, isRetryable: true };

/**
 * OTLP 1.x, "Failures": RESOURCE_EXHAUSTED without RetryInfo and INVALID_ARGUMENT make the exporter drop the request,
 * UNAVAILABLE makes it retry; over HTTP only 429, 502, 503 and 504 do.
 */
const KINDS: Partial<Record<OperatingErrorCode, Kind>> = {
  "malformed-request": { code: status.INVALID_ARGUMENT, httpStatus: 400, isRetryable: false },
  unauthenticated: { code: status.UNAUTHENTICATED, httpStatus: 401, isRetryable: false },
  "request-too-large": { code: status.RESOURCE_EXHAUSTED, httpStatus: 413, isRetryable: false },
  "unsupported-encoding": { code: status.UNIMPLEMENTED, httpStatus: 415, isRetryable: false },
  "unsupported-media-type": { code: status.INVALID_ARGUMENT, httpStatus: 415, isRetryable: false },
  "upload-timeout": { code: status.DEADLINE_EXCEEDED, httpStatus: 408, isRetryable: true },
  overloaded: TRY_AGAIN,
  "shutting-down": TRY_AGAIN,
  "storage-full": TRY_AGAIN,
  "storage-failed": TRY_AGAIN,
};

/** Turns what a request failed with into its refusal; what nobody expected is logged and stays vague on the wire. */
export function refusalOf(error: unknown, log: ReceiverLog): Refusal {
  const kind = error instanceof OperatingError ? KINDS[error.code] : undefined;
  if (kind !== undefined && error instanceof OperatingError) return { ...kind, message: error.message };
  log("warn", `an export request failed inside the collector: ${describe(error)}`);
  const message = "the request failed inside the collector; its log says where";
  return { code: status.INTERNAL, httpStatus: 500, message, isRetryable: false };
}

/** The kind of error and its place. Not its message: one that nobody wrote for this purpose may quote telemetry. */
function describe(error: unknown): string {
  if (error instanceof OperatingError) return error.code;
  if (!(error instanceof Error)) return "not an Error";
  const place = /^ +at .+$/m.exec(error.stack?.replace(error.message, "") ?? "");
  return `${error.name}${place === null ? "" : ` ${place[0].trim()}`}`;
}
