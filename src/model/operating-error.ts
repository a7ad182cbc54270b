/**
 * What can go wrong in operation, as opposed to a bug.
 * Only the borders (main, receivers, API) turn a code into an exit code, an HTTP or a gRPC status.
 */
export type OperatingErrorCode =
  | "malformed-request"
  | "unauthenticated"
  | "request-too-large"
  | "upload-timeout"
  | "unsupported-encoding"
  | "unsupported-media-type"
  | "overloaded"
  | "shutting-down"
  | "storage-full"
  | "storage-failed"
  | "database-locked"
  | "database-too-new"
  | "database-missing"
  | "baseline-invalid"
  | "address-in-use"
  | "bad-argument"
  | "not-found"
  | "conflict";

/** An expected failure. The message names a file, a line or an attribute key and never holds a value from telemetry. */
export class OperatingError extends Error {
  readonly code: OperatingErrorCode;

  constructor(code: OperatingErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "OperatingError";
    this.code = code;
  }
}
