import protobuf from "protobufjs";

/** The reference decoder for what the receivers encode by hand, from the published schemas. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
  message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
`);

function decode(name: string, bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number });
}

export function decodeResponse(bytes: Uint8Array) {
  return decode("ExportTraceServiceResponse", bytes);
}

/** A `google.rpc.Status` whose details are read as RetryInfo, by type URL. */
export function decodeStatus(bytes: Uint8Array) {
  const status = decode("Status", bytes);
  const details = (status.details ?? []) as { typeUrl: string; value: Uint8Array }[];
  return { ...status, details: details.map(({ typeUrl, value }) => ({ [typeUrl]: decode("RetryInfo", value) })) };
}

export const RETRY_IN_ONE_SECOND = [{ "type.googleapis.com/google.rpc.RetryInfo": { retryDelay: { seconds: 1 } } }];
