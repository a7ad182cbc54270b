import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { SpanBatch } from "./model/span-batch.ts";

/**
 * By what a request that is sent again is known: 32 hex characters. SHA-256 over the ids of its spans, which no two
 * requests of honest exporters share, and the length and CRC-32 of all its bytes, which tell apart those that do.
 * SHA-256 over the bytes themselves would cost half as much as decoding them.
 */
export function requestDigest(bytes: Uint8Array, { traceIds, spanIds }: SpanBatch): string {
  const whole = Uint32Array.of(bytes.length, crc32(bytes));
  return createHash("sha256").update(traceIds).update(spanIds).update(whole).digest("hex").slice(0, 32);
}
