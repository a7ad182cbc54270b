import { buildRooms } from "../../src/build-rooms.ts";
import type { Alert } from "../../src/model/alert.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { AssemblerFigures } from "../../src/model/facts.ts";
import type { Shape } from "../../src/model/graph.ts";
import type { CommitBatch } from "../../src/model/store.ts";
import { conclude, ingest, type Rooms } from "../../src/pipeline.ts";
import { encodeJsonRequest, encodeRequest, type OtlpRequest } from "../support/otlp.ts";
import { type Delivery, FIRST_ARRIVAL_MS } from "./deliver.ts";
import { alertText, edgeText, shapeText } from "./truth-text.ts";

/** What the product makes of a delivery. */
export type Observed = {
  readonly hops: ReadonlyMap<string, number>;
  readonly edges: ReadonlyMap<string, number>;
  /** Texts of the alerts that want a person. */
  readonly alerts: ReadonlySet<string>;
  readonly alertKeys: ReadonlySet<string>;
  readonly figures: AssemblerFigures;
  /** Counts that were below zero at some moment. */
  readonly impossible: readonly string[];
};

const FINGERPRINT_KEY = { id: "sim", bytes: new Uint8Array(32).fill(9) };
const SETTLE_MS = 15_000;
const WINDOW_MS = 30_000;
const TICK_MS = 5_000;

/** Runs the real pipeline over a delivery, with a clock of its own and without a socket or file. */
export function observe({ pace, arrivals }: Delivery, baseline: Baseline): Observed {
  const isCapture = pace === "capture";
  const rooms = createRooms(baseline, isCapture ? "span" : "arrival");
  const books = new Books();
  for (const [index, { atMs, request, isConcluded }] of arrivals.entries()) {
    const nowMs = isCapture ? 0 : atMs;
    take(request, index % 4 === 3 ? "json" : "protobuf", rooms, nowMs);
    if (isConcluded) books.keep(conclude(rooms, nowMs));
  }
  if (isCapture) endCapture(rooms, books);
  else endTraffic(rooms, books, arrivals.at(-1)?.atMs ?? FIRST_ARRIVAL_MS);
  return books.observed(rooms);
}

function createRooms(baseline: Baseline, seen: "arrival" | "span"): Rooms {
  const assembler = { waitingMax: 1_024, settleMs: SETTLE_MS, windowMs: WINDOW_MS, seen };
  return buildRooms({ baseline, fingerprintKey: FINGERPRINT_KEY, alerts: [], shapes: [], assembler });
}

function take(request: OtlpRequest, encoding: "json" | "protobuf", rooms: Rooms, nowMs: number): void {
  const bytes = encoding === "json" ? encodeJsonRequest(request) : encodeRequest(request);
  ingest({ bytes, encoding }, rooms, nowMs);
}

/** A capture has no window. */
function endCapture(rooms: Rooms, books: Books): void {
  rooms.assembler.settleAll();
  books.keep(conclude(rooms, 0));
}

/** Time goes on as it does for the collector, which ticks more often than spans wait. */
function endTraffic(rooms: Rooms, books: Books, lastMs: number): void {
  for (let waitedMs = 0; waitedMs <= WINDOW_MS; waitedMs += TICK_MS) books.keep(conclude(rooms, lastMs + waitedMs));
}

/** Adds up what commits would have written. */
class Books {
  readonly #shapes = new Map<string, Shape>();
  readonly #counts = new Map<string, number>();
  readonly #alerts = new Map<string, Alert>();
  readonly #impossible: string[] = [];

  keep({ newShapes, counts, alerts }: CommitBatch): void {
    for (const { shape } of newShapes) this.#shapes.set(shape.key, shape);
    for (const { shapeKey, confidence, count } of counts) {
      const shape = this.#shapes.get(shapeKey);
      const key = `${shapeKey} ${confidence}`;
      const sum = (this.#counts.get(key) ?? 0) + count;
      this.#counts.set(key, sum);
      if (shape === undefined) this.#impossible.push(`a count of an unknown shape ${shapeKey}`);
      else if (sum < 0) this.#impossible.push(`${sum} times ${shapeText(shape, confidence)}`);
    }
    for (const alert of alerts) this.#alerts.set(alert.key, alert);
  }

  observed({ assembler }: Rooms): Observed {
    const hops = new Map<string, number>();
    const edges = new Map<string, number>();
    for (const [key, count] of this.#counts) {
      const [shapeKey = "", confidence = ""] = key.split(" ");
      const shape = this.#shapes.get(shapeKey);
      if (shape === undefined || count === 0) continue;
      const text = shapeText(shape, confidence);
      hops.set(text, (hops.get(text) ?? 0) + count);
      const edge = edgeText({ ...shape, caller: shape.caller.name, callee: shape.callee.name });
      edges.set(edge, (edges.get(edge) ?? 0) + count);
    }
    const open = [...this.#alerts.values()].filter(({ status }) => status === "open");
    return {
      hops,
      edges,
      alerts: new Set(open.map(({ finding }) => alertText(finding))),
      alertKeys: new Set(open.map(({ key }) => key)),
      figures: assembler.figures(),
      impossible: this.#impossible,
    };
  }
}
