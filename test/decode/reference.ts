import { sanitizeValue } from "../../src/credential/sanitize-value.ts";
import { exportRequestType } from "../support/otlp.ts";
import { type SpanRow, WANTED } from "./decoding.ts";

/** A request as the reference decoder understands it, with one field a `oneof`. */
export type ReferenceRequest = { readonly resourceSpans: readonly ReferenceResourceSpans[] };
type ReferenceResourceSpans = {
  readonly resource: { readonly attributes: readonly ReferenceAttribute[] } | null;
  readonly scopeSpans: readonly { readonly spans: readonly ReferenceSpan[] }[];
};
type ReferenceAttribute = { readonly key: string; readonly value?: ReferenceValue | null };
type ReferenceValue = {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly boolValue?: boolean;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly ReferenceValue[] };
};
export type ReferenceSpan = {
  readonly traceId?: Uint8Array;
  readonly spanId?: Uint8Array;
  readonly parentSpanId?: Uint8Array;
  readonly traceState?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes: readonly ReferenceAttribute[];
  readonly links: readonly { readonly traceId?: Uint8Array; readonly spanId?: Uint8Array }[];
  readonly status?: { readonly code?: number } | null;
};

const NO_ID = new Uint8Array(0);

/** `oneof value` of AnyValue, by field number. */
const ALTERNATIVES = [
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
  "arrayValue",
  "kvlistValue",
  "bytesValue",
] as const;

/** Decodes with the reference decoder; throws whatever that throws. */
export function referenceRequest(bytes: Uint8Array): ReferenceRequest {
  const options = { arrays: true, objects: true, longs: String };
  return tidied(exportRequestType.toObject(exportRequestType.decode(bytes), options)) as ReferenceRequest;
}

/** Encodes with the reference encoder: every field once, in order, and none that is unknown. */
export function encodeReference(request: ReferenceRequest): Uint8Array {
  return exportRequestType.encode(exportRequestType.fromObject(request)).finish();
}

/** What the decoder has to make of a request: spans with bad ids left out, values as they may be kept. */
export function referenceRows(request: ReferenceRequest): readonly SpanRow[] {
  return request.resourceSpans.flatMap((one) => {
    const resource = referenceAttributes(one.resource?.attributes ?? [], "resource");
    return one.scopeSpans.flatMap(({ spans }) => spans.filter(hasIds).map((each) => referenceRow(each, resource)));
  });
}

/** A span that is taken: whole ids, none of them zero but the parent's. */
export function hasIds({ traceId, spanId, parentSpanId = NO_ID }: ReferenceSpan): boolean {
  return isTraceId(traceId) && isSpanId(spanId) && (parentSpanId.length === 0 || parentSpanId.length === 8);
}

function isTraceId(id: Uint8Array = NO_ID): boolean {
  return (id.length === 16 || id.length === 8) && id.some((byte) => byte !== 0);
}

function isSpanId(id: Uint8Array = NO_ID): boolean {
  return id.length === 8 && id.some((byte) => byte !== 0);
}

function referenceRow(one: ReferenceSpan, resource: readonly string[]): SpanRow {
  return {
    traceId: hexOf(one.traceId, 32),
    spanId: hexOf(one.spanId, 16),
    parentSpanId: hexOf(one.parentSpanId, 16),
    kind: upTo(5, one.kind),
    status: upTo(2, one.status?.code),
    startMs: Number(one.startTimeUnixNano ?? 0) / 1e6,
    endMs: Number(one.endTimeUnixNano ?? 0) / 1e6,
    weight: referenceWeight(one.traceState ?? ""),
    resource,
    attributes: referenceAttributes(one.attributes, "span"),
    links: one.links
      .filter(({ traceId, spanId }) => isTraceId(traceId) && isSpanId(spanId))
      .map((each) => `${hexOf(each.traceId, 32)}/${hexOf(each.spanId, 16)}`),
  };
}

/** The adjusted count as the specification writes it down; blanks around a member are those of W3C's list syntax. */
function referenceWeight(state: string): number {
  const members = state.split(",").map((member) => member.replace(/^[ \t]+|[ \t]+$/gu, ""));
  const pairs =
    members
      .find((member) => member.startsWith("ot="))
      ?.slice("ot=".length)
      .split(";") ?? [];
  const digits = pairs.find((pair) => pair.startsWith("th:"))?.slice("th:".length) ?? "";
  if (!/^[0-9a-f]{1,14}$/iu.test(digits)) return 1;
  const kept = 2n ** 56n - BigInt(`0x${digits.padEnd(14, "0")}`);
  return Math.min(Math.round((2 ** 56 / Number(kept)) * 1024) / 1024, 2 ** 24);
}

function upTo(most: number, value = 0): number {
  return value < 0 || value > most ? 0 : value;
}

function hexOf(bytes: Uint8Array | undefined, digits: number): string {
  return Buffer.from(bytes ?? [])
    .toString("hex")
    .padStart(digits, "0");
}

function referenceAttributes(all: readonly ReferenceAttribute[], scope: string): readonly string[] {
  return all.flatMap(({ key, value: one }) => {
    const keep = WANTED.find((wanted) => wanted.name === key && wanted.scope === scope)?.keep;
    const text = one?.stringValue ?? one?.intValue ?? one?.boolValue ?? one?.doubleValue ?? firstString(one);
    if (keep === undefined || text === undefined) return [];
    return [`${key}=${sanitizeValue(keep, String(text))}`];
  });
}

function firstString(one: ReferenceValue | null | undefined): string | undefined {
  return one?.arrayValue?.values.find((element) => element.stringValue !== undefined)?.stringValue;
}

/**
 * What protobuf leaves open is settled: of several alternatives the last in order stays, and text is well-formed. The
 * reference decoder keeps all alternatives and lone surrogates.
 */
function tidied(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(tidied);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const last = ALTERNATIVES.findLast((name) => name in value);
  const isSuperseded = (name: string) => name !== last && ALTERNATIVES.some((alternative) => alternative === name);
  const kept = Object.entries(value).filter(([name]) => !isSuperseded(name));
  return Object.fromEntries(kept.map(([name, part]) => [name, tidied(part)]));
}
