import { drawRequest } from "./draw.ts";
import { encodeRequest, type OtlpRequest } from "./otlp.ts";

/** Sends drawn spans over OTLP/HTTP as one export request. */
export function postDrawing(otlpHttp: string, drawing: string): Promise<Response> {
  return postRequest(otlpHttp, drawRequest(drawing));
}

/** Sends one export request over OTLP/HTTP, in protobuf. */
export function postRequest(otlpHttp: string, request: OtlpRequest): Promise<Response> {
  return postBytes(otlpHttp, encodeRequest(request), "application/x-protobuf");
}

/** Sends bytes to the traces endpoint as they are. */
export function postBytes(otlpHttp: string, bytes: Uint8Array, contentType: string): Promise<Response> {
  return fetch(`http://${otlpHttp}/v1/traces`, {
    method: "POST",
    body: Buffer.from(bytes),
    headers: { "content-type": contentType },
    signal: AbortSignal.timeout(15_000),
  });
}
