import type { IncomingMessage } from "node:http";
import { OperatingError } from "../model/operating-error.ts";
import { type BodyLimits, collect, requireEncoding, tooLarge, unpack } from "./unpack.ts";

/**
 * Reads and decompresses the body of a request, never holding more than `bytesMax` of it in either form.
 * Rejects with `request-too-large`, `overloaded`, `malformed-request` or `unsupported-encoding`, and leaves the
 * connection open.
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  requireEncoding(encoding, "content-encoding");
  if (Number(request.headers["content-length"]) > limits.bytesMax) throw tooLarge(limits.bytesMax);
  return unpack(await receive(request, limits), encoding, limits);
}

async function receive(request: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  try {
    // Leaving the loop must not destroy the request: its sender has yet to be told why.
    return await collect(request.iterator({ destroyOnReturn: false }), limits);
  } catch (cause) {
    throw cause instanceof OperatingError ? cause : interrupted(cause);
  }
}

function interrupted(cause: unknown): OperatingError {
  return new OperatingError("malformed-request", "the sender closed the connection within the body", { cause });
}
