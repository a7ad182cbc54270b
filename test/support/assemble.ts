import { expect } from "vitest";
import { ASSEMBLER_DEFAULTS, Assembler, type AssemblerOptions } from "../../src/assemble/assembler.ts";
import { WANTED_ATTRIBUTES } from "../../src/assemble/attribute-names.ts";
import { CredentialReader } from "../../src/credential/credential-reader.ts";
import { Decoder } from "../../src/decode/decoder.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { Shape } from "../../src/model/graph.ts";
import type { SpanBatch } from "../../src/model/span-batch.ts";
import { type DrawnSpan, drawRequest, drawSpans, requestOf } from "./draw.ts";
import { encodeRequest } from "./otlp.ts";

const key = { id: "test", bytes: new Uint8Array(32).fill(7) };

export function createDecoder(): Decoder {
  return new Decoder({ wanted: WANTED_ATTRIBUTES, credentials: new CredentialReader(key) });
}

export function createAssembler(options: Partial<AssemblerOptions> = {}): Assembler {
  const spellFingerprint = (words: Uint32Array): string => Buffer.from(words.buffer).toString("hex");
  return new Assembler({ ...ASSEMBLER_DEFAULTS, waitingMax: 65_536, spellFingerprint, ...options });
}

/** An assembler, and how it is given a drawing's spans at a time. */
export function createFeed(): {
  readonly assembler: Assembler;
  readonly add: (drawing: string, nowMs: number) => void;
} {
  const [assembler, decoder] = [createAssembler(), createDecoder()];
  const add = (drawing: string, nowMs: number): void =>
    assembler.add(decoder.decodeProtobuf(encodeRequest(drawRequest(drawing))), nowMs);
  return { assembler, add };
}

/** Real OTLP bytes of the spans, a request a span, through the real decoder, settled at the end. */
export function assemble(spans: readonly DrawnSpan[]): { readonly facts: Facts; readonly assembler: Assembler } {
  const decoder = createDecoder();
  return assembleBatches(spans.map((span) => decoder.decodeProtobuf(encodeRequest(requestOf([span])))));
}

/** The batches one after the other, settled at the end. */
export function assembleBatches(batches: readonly SpanBatch[]): {
  readonly facts: Facts;
  readonly assembler: Assembler;
} {
  const assembler = createAssembler();
  for (const batch of batches) assembler.add(batch, 0);
  assembler.settleAll();
  return { facts: assembler.takeFacts(), assembler };
}

/** Hops as text, `w` being how many they stand for, `caller -> callee [operation] confidence [n=2] [w=4] [e=1]`, sorted; logical hops are drawn with `=>`. */
export function describeHops(facts: Facts, options: { readonly operations?: boolean } = {}): string[] {
  const shapes = new Map(facts.newShapes.map(({ shape }) => [shape.key, shape]));
  const sums = new Map<string, { n: number; w: number; e: number }>();
  for (const { shapeKey, confidence, count, estimated } of facts.counts) {
    const shape = shapes.get(shapeKey);
    if (shape === undefined || shape.type === "unattributed") continue;
    const text = describe(shape, confidence, options.operations ?? false);
    const sum = sums.get(text) ?? { n: 0, w: 0, e: 0 };
    const errors = shape.outcome === "error" ? count : 0;
    sums.set(text, { n: sum.n + count, w: sum.w + estimated, e: sum.e + errors });
  }
  return [...sums]
    .filter(([, { n, w }]) => n !== 0 || w !== 0)
    .map(([text, { n, w, e }]) => [text, ...part("n", n, 1), ...part("w", w, n), ...part("e", e, 0)].join(" "))
    .sort();
}

/** A number that goes without saying is not said. */
function part(name: string, value: number, usual: number): string[] {
  return value === usual ? [] : [`${name}=${value}`];
}

function describe(shape: Shape, confidence: string, withOperation: boolean): string {
  const arrow = shape.type === "logical" || shape.type === "proxied" ? "=>" : "->";
  const via = shape.via === null ? "" : ` via ${shape.via}`;
  const operation = withOperation && shape.operation !== null ? ` ${shape.operation}` : "";
  return `${shape.caller.name} ${arrow} ${shape.callee.name}${via}${operation} ${confidence}`;
}

/** The drawing gives exactly these hops. */
export function checkHops(drawing: string, expected: readonly string[], options: { operations?: boolean } = {}): void {
  expect(describeHops(assemble(drawSpans(drawing)).facts, options)).toEqual([...expected].sort());
}

/** The drawing gives exactly these hops in every order of arrival. */
export function checkHopsInAnyOrder(drawing: string, expected: readonly string[]): void {
  for (const spans of permutations(drawSpans(drawing))) {
    expect(describeHops(assemble(spans).facts), arrival(spans)).toEqual([...expected].sort());
  }
}

function arrival(spans: readonly DrawnSpan[]): string {
  return `arrival ${spans.map(({ span }) => span.spanId.replace(/^0+/u, "")).join(" ")}`;
}

/** All orders of up to six items; of more, 300 orders made from a fixed seed. */
export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 6) return allOrders(items);
  return Array.from({ length: 300 }, (_, seed) => shuffle(items, seed + 1));
}

function allOrders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => allOrders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

/** Fisher–Yates with a small linear congruential generator: the same seed gives the same order. */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const shuffled = [...items];
  let state = seed;
  for (let i = shuffled.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    const held = shuffled[i] as T;
    shuffled[i] = shuffled[j] as T;
    shuffled[j] = held;
  }
  return shuffled;
}
