import { RETRY_AFTER_S, type Refusal } from "./refusal.ts";
import type { ExportOutcome } from "./take-export.ts";

const NOTHING = Buffer.alloc(0);
const RETRY_INFO = encodeRetryInfo();

/**
 * The answer to a request that was taken, in protobuf; empty when every span was.
 *
 *     message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
 *     message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
 */
export function encodeOutcome(outcome: ExportOutcome): Buffer {
  if (isWholeSuccess(outcome)) return NOTHING;
  return bytesField(1, Buffer.concat([numberField(1, outcome.rejectedSpans), textField(2, outcome.message)]));
}

/** The same in OTLP/JSON, where 64-bit integers are decimal strings. */
export function outcomeAsJson(outcome: ExportOutcome): string {
  if (isWholeSuccess(outcome)) return "{}";
  const partialSuccess = { rejectedSpans: String(outcome.rejectedSpans), errorMessage: outcome.message };
  return JSON.stringify({ partialSuccess });
}

/**
 * A refusal in protobuf, as gRPC's `grpc-status-details-bin` and as the body of an HTTP answer.
 *
 *     message google.rpc.Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
 */
export function encodeRefusal(refusal: Refusal): Buffer {
  const details = refusal.isRetryable ? RETRY_INFO : NOTHING;
  return Buffer.concat([numberField(1, refusal.code), textField(2, refusal.message), details]);
}

/** The same in JSON, without details: over HTTP the time to wait is a header. */
export function refusalAsJson(refusal: Refusal): string {
  return JSON.stringify({ code: refusal.code, message: refusal.message });
}

function isWholeSuccess(outcome: ExportOutcome): boolean {
  return outcome.rejectedSpans === 0 && outcome.message === "";
}

/**
 * Field 3 of a `google.rpc.Status`.
 *
 *     message google.protobuf.Any { string type_url = 1; bytes value = 2; }
 *     message google.rpc.RetryInfo { google.protobuf.Duration retry_delay = 1; }
 *     message google.protobuf.Duration { int64 seconds = 1; int32 nanos = 2; }
 */
function encodeRetryInfo(): Buffer {
  const retryInfo = bytesField(1, numberField(1, RETRY_AFTER_S));
  const typeUrl = textField(1, "type.googleapis.com/google.rpc.RetryInfo");
  return bytesField(3, Buffer.concat([typeUrl, bytesField(2, retryInfo)]));
}

function numberField(number: number, value: number): Buffer {
  return Buffer.from([number << 3, ...varint(value)]);
}

function textField(number: number, text: string): Buffer {
  return bytesField(number, Buffer.from(text));
}

function bytesField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

/** Seven bits a byte, lowest first; divides rather than shifts, because a count may need more than 32 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}
