import { CredentialReader } from "../../src/credential/credential-reader.ts";
import { Decoder } from "../../src/decode/decoder.ts";
import type { SpanBatch, WantedAttribute } from "../../src/model/span-batch.ts";

export const WANTED: readonly WantedAttribute[] = [
  { name: "http.request.method", scope: "span", keep: "text" },
  { name: "server.address", scope: "span", keep: "host" },
  { name: "server.port", scope: "span", keep: "text" },
  { name: "k", scope: "span", keep: "text" },
  { name: "service.name", scope: "resource", keep: "text" },
  { name: "deployment.environment.name", scope: "resource", keep: "text" },
];

export function makeDecoder(
  options: { readonly spansMax?: number; readonly wanted?: readonly WantedAttribute[] } = {},
): Decoder {
  const credentials = new CredentialReader({ id: "test", bytes: new Uint8Array(32).fill(7) });
  return new Decoder({ wanted: WANTED, credentials, ...options });
}

/** One span of a batch, written out to be compared. */
export type SpanRow = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly kind: number;
  readonly status: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly weight: number;
  readonly resource: readonly string[];
  readonly attributes: readonly string[];
  readonly links: readonly string[];
};

/** The spans of a batch as rows: ids in hex, attributes as `name=value` in the order they came. */
export function rowsOf(batch: SpanBatch): readonly SpanRow[] {
  return Array.from({ length: batch.spanCount }, (_, row) => ({
    traceId: hex(batch.traceIds, row * 4, 4),
    spanId: hex(batch.spanIds, row * 2, 2),
    parentSpanId: hex(batch.parentIds, row * 2, 2),
    kind: batch.kinds[row] ?? -1,
    status: batch.statuses[row] ?? -1,
    startMs: batch.startMs[row] ?? -1,
    endMs: batch.endMs[row] ?? -1,
    weight: batch.weights.length === 0 ? 1 : (batch.weights[row] ?? -1),
    resource: resourceOf(batch, batch.resources[row] ?? -1),
    attributes: range(batch.attributeStarts, row).map((at) =>
      written(batch, batch.attributeKeys[at], batch.attributeValues[at]),
    ),
    links: range(batch.linkStarts, row).map(
      (at) => `${hex(batch.links, at * 6, 4)}/${hex(batch.links, at * 6 + 4, 2)}`,
    ),
  }));
}

function resourceOf(batch: SpanBatch, resource: number): readonly string[] {
  return range(batch.resourceAttributeStarts, resource).map((at) =>
    written(batch, batch.resourceAttributeKeys[at], batch.resourceAttributeValues[at]),
  );
}

function range(starts: Uint32Array, row: number): readonly number[] {
  const start = starts[row] ?? 0;
  return Array.from({ length: (starts[row + 1] ?? 0) - start }, (_, at) => start + at);
}

function written(batch: SpanBatch, key: number | undefined, value: number | undefined): string {
  return `${WANTED[key ?? -1]?.name}=${batch.strings[value ?? -1]}`;
}

function hex(words: Uint32Array, at: number, count: number): string {
  return [...words.subarray(at, at + count)].map((word) => word.toString(16).padStart(8, "0")).join("");
}
