import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { SpanBatch } from "../model/span-batch.ts";

type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;
type ColumnType = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer, at: number, length: number): Column };
type Credentials = SpanBatch["credentials"];
type ColumnRow =
  | { readonly of: "batch"; readonly name: keyof SpanBatch; readonly type: ColumnType }
  | { readonly of: "credentials"; readonly name: keyof Credentials; readonly type: ColumnType };

/** The first word of a row: another layout gets another number. */
const LAYOUT = 2;

/** The widest come first, so that each column starts where its numbers may stand. */
const COLUMNS: readonly ColumnRow[] = [
  { of: "batch", name: "startMs", type: Float64Array },
  { of: "batch", name: "endMs", type: Float64Array },
  { of: "credentials", name: "expiresAtS", type: Float64Array },
  { of: "credentials", name: "notBeforeS", type: Float64Array },
  { of: "credentials", name: "issuedAtS", type: Float64Array },
  { of: "batch", name: "weights", type: Float32Array },
  { of: "batch", name: "traceIds", type: Uint32Array },
  { of: "batch", name: "spanIds", type: Uint32Array },
  { of: "batch", name: "parentIds", type: Uint32Array },
  { of: "batch", name: "resources", type: Uint32Array },
  { of: "batch", name: "attributeStarts", type: Uint32Array },
  { of: "batch", name: "attributeValues", type: Uint32Array },
  { of: "batch", name: "linkStarts", type: Uint32Array },
  { of: "batch", name: "links", type: Uint32Array },
  { of: "batch", name: "credentialStarts", type: Uint32Array },
  { of: "credentials", name: "profileIndexes", type: Uint32Array },
  { of: "credentials", name: "fingerprints", type: Uint32Array },
  { of: "credentials", name: "idRows", type: Uint32Array },
  { of: "credentials", name: "idWords", type: Uint32Array },
  { of: "batch", name: "peerIndexes", type: Uint32Array },
  { of: "batch", name: "resourceAttributeStarts", type: Uint32Array },
  { of: "batch", name: "resourceAttributeValues", type: Uint32Array },
  { of: "batch", name: "attributeKeys", type: Uint16Array },
  { of: "batch", name: "resourceAttributeKeys", type: Uint16Array },
  { of: "batch", name: "kinds", type: Uint8Array },
  { of: "batch", name: "statuses", type: Uint8Array },
  { of: "credentials", name: "idKinds", type: Uint8Array },
];

/** First bytes of a Zstandard frame (RFC 8878, section 3.1.1), as a word. */
const ZSTD_MAGIC = 0xfd2fb528;
/** Columns of small numbers shrink to a third at the fastest levels; slower ones save little more. */
const ZSTD_LEVEL = -3;

const COUNTS = 4;
const HEAD_WORDS = COUNTS + COLUMNS.length;
const HEAD_BYTES = Math.ceil(HEAD_WORDS / 2) * 8;

/** Writes a batch as a journal keeps it: compressed, for what a disk has to write is what exporters wait for. */
export function encodeBatch(batch: SpanBatch): Buffer {
  return zstdCompressSync(blockOf(batch), { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
}

/**
 * Writes a batch as one block: layout, counts and column lengths as words, the columns one behind the other, and what
 * is text as JSON. For the columns that is copying memory; V8's own format looks at every array as an object.
 * Numbers stand in the machine's byte order: a journal is read where it was written.
 */
function blockOf(batch: SpanBatch): Buffer {
  const columns = COLUMNS.map((row) => columnOf(batch, row));
  const columnBytes = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const { strings, credentials, peers, leaks, rejected } = batch;
  const json = JSON.stringify([strings, credentials.profiles, [...rejected], peers, leaks]);
  const block = Buffer.allocUnsafeSlow(HEAD_BYTES + columnBytes + Buffer.byteLength(json));
  const head = new Uint32Array(block.buffer, 0, HEAD_WORDS);
  head.set([LAYOUT, batch.spanCount, batch.resourceCount, columnBytes]);
  let at = HEAD_BYTES;
  for (const [index, { buffer, byteOffset, byteLength, length }] of columns.entries()) {
    head[COUNTS + index] = length;
    block.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  block.write(json, at);
  return block;
}

/**
 * Reads what {@link encodeBatch} wrote, now or when rows were not compressed yet. Throws a `RangeError` for a row of
 * another layout.
 */
export function decodeBatch(row: Uint8Array): SpanBatch {
  const isCompressed = new DataView(row.buffer, row.byteOffset).getUint32(0, true) === ZSTD_MAGIC;
  // A copy stands at the beginning of its own memory, where the widest numbers may stand; a part of a pool may not.
  const block = Uint8Array.from(isCompressed ? zstdDecompressSync(row) : row);
  const head = new Uint32Array(block.buffer, 0, HEAD_WORDS);
  const [layout, spanCount = 0, resourceCount = 0, columnBytes = 0] = head;
  if (layout !== LAYOUT) throw new RangeError(`expected a journal row of layout ${LAYOUT}, got ${layout}`);
  const columns: Record<ColumnRow["of"], Record<string, Column>> = { batch: {}, credentials: {} };
  let at = HEAD_BYTES;
  for (const [index, { of, name, type }] of COLUMNS.entries()) {
    const column = new type(block.buffer, at, head[COUNTS + index] ?? 0);
    columns[of][name] = column;
    at += column.byteLength;
  }
  const [strings, profiles, rejected, peers, leaks] = JSON.parse(
    Buffer.from(block.buffer, HEAD_BYTES + columnBytes).toString(),
  );
  const credentials = { ...columns.credentials, profiles };
  const batch: unknown = {
    ...columns.batch,
    spanCount,
    resourceCount,
    credentials,
    strings,
    peers,
    leaks,
    rejected: new Map(rejected),
  };
  return batch as SpanBatch;
}

function columnOf(batch: SpanBatch, row: ColumnRow): Column {
  return (row.of === "batch" ? batch[row.name] : batch.credentials[row.name]) as Column;
}
