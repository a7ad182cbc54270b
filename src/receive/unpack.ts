import { createGunzip, createInflate } from "node:zlib";
import { OperatingError } from "../model/operating-error.ts";
import type { Upload } from "./upload-budget.ts";

const UNPACKERS = new Map([
  ["gzip", createGunzip],
  ["deflate", createInflate],
]);

/** Big steps, so that a large body costs few turns of the thread pool; small for small ones, which may be many. */
const STEP_BYTES = { least: 16 * 1024, most: 256 * 1024 };

/** What a body may become, and on whose account. */
export type BodyLimits = { readonly bytesMax: number; readonly upload: Upload };

/** Rejects a `content-encoding` or `grpc-encoding` that cannot be undone, by its header's name: `unsupported-encoding`. */
export function requireEncoding(encoding: string, header: string): void {
  if (encoding === "identity" || UNPACKERS.has(encoding)) return;
  throw new OperatingError("unsupported-encoding", `expected ${header} to be gzip, deflate or identity`);
}

/** Decompresses a body step by step. Rejects with `request-too-large`, `overloaded` or `malformed-request`. */
export async function unpack(packed: Uint8Array, encoding: string, limits: BodyLimits): Promise<Uint8Array> {
  const create = UNPACKERS.get(encoding);
  if (create === undefined) return packed;
  if (packed.length === 0) throw malformed(encoding);
  const chunkSize = Math.min(Math.max(packed.length * 4, STEP_BYTES.least), STEP_BYTES.most);
  limits.upload.add(chunkSize);
  const unpacker = create({ chunkSize });
  unpacker.end(packed);
  try {
    return await collect(unpacker, limits);
  } catch (cause) {
    throw cause instanceof OperatingError ? cause : malformed(encoding, cause);
  }
}

/** Joins pieces, never holding more than they may be. */
export async function collect(pieces: AsyncIterable<Buffer>, { bytesMax, upload }: BodyLimits): Promise<Uint8Array> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > bytesMax) throw tooLarge(bytesMax);
    upload.add(piece.length);
    kept.push(piece);
  }
  return Buffer.concat(kept, size);
}

/** The refusal of a body that is, or says it is, larger than it may be. */
export function tooLarge(bytesMax: number): OperatingError {
  return new OperatingError("request-too-large", `expected the body to be at most ${bytesMax} bytes, got more`);
}

function malformed(encoding: string, cause?: unknown): OperatingError {
  return new OperatingError("malformed-request", `cannot decompress the body as ${encoding}`, { cause });
}
