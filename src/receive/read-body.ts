import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { OperatingError } from "../model/operating-error.ts";

const UNPACKERS = new Map([
  ["gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
]);

/** Big steps, so that a large body costs few turns of the thread pool. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Reads and decompresses the body of a request, never holding more than `bytesMax` of it in either form.
 * Rejects with `request-too-large`, `malformed-request` or `unsupported-encoding`, and leaves the connection open.
 */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const unpack = UNPACKERS.get(encoding);
  if (unpack === undefined && encoding !== "identity") {
    throw new OperatingError("unsupported-encoding", "expected content-encoding to be gzip, deflate or identity");
  }
  if (Number(request.headers["content-length"]) > bytesMax) throw tooLarge(bytesMax);
  const body = await collect(request, bytesMax);
  if (unpack === undefined) return body;
  try {
    return await unpack(body, { maxOutputLength: bytesMax, chunkSize: CHUNK_BYTES });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(bytesMax);
    throw malformed(`cannot decompress the body as ${encoding}`, cause);
  }
}

async function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the request: its sender has yet to be told why.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > bytesMax) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw malformed("the sender closed the connection within the body", cause);
  }
  if (size > bytesMax) throw tooLarge(bytesMax);
  return Buffer.concat(chunks, size);
}

function tooLarge(bytesMax: number): OperatingError {
  return new OperatingError("request-too-large", `expected the body to be at most ${bytesMax} bytes, got more`);
}

function malformed(message: string, cause: unknown): OperatingError {
  return new OperatingError("malformed-request", message, { cause });
}
