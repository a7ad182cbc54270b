import assert from "node:assert/strict";
import { buildRooms } from "../../src/build-rooms.ts";
import { OperatingError } from "../../src/model/operating-error.ts";
import type { SpanBatch } from "../../src/model/span-batch.ts";
import { conclude, ingest } from "../../src/pipeline.ts";
import { openStore } from "../../src/record/sqlite-store.ts";
import { makeDecoder, rowsOf } from "../decode/decoding.ts";
import {
  encodeReference,
  hasIds,
  type ReferenceRequest,
  referenceRequest,
  referenceRows,
} from "../decode/reference.ts";
import { baselineOf } from "../support/pipeline.ts";
import { checkBatch } from "./check-batch.ts";
import { isSound } from "./is-sound.ts";

/** Takes one input and throws an error that says what is wrong with how it was taken. */
export type Target = (input: Uint8Array) => Promise<void> | void;
export type TargetName = "protobuf" | "json" | "pipeline";

const BASELINE = `
services:
  web: { calls: { cart: { operations: ["GET /cart"], token: { mode: own, audiences: [cart-api] } } } }
  cart:
    callers: [web]
    accepts: [{ issuer: "https://id.example", audiences: [cart-api] }]
`;
const START_MS = Date.UTC(2026, 5, 1);
const STEP_MS = 4_000;
/** So many inputs share rooms and a database, so that what one leaves can trip another. */
const EPISODE = 16;

/** Makes the targets; each keeps what it needs between inputs. */
export function makeTargets(): Readonly<Record<TargetName, Target>> {
  return { protobuf: protobufTarget(), json: jsonTarget(), pipeline: pipelineTarget() };
}

type Decode = (input: Uint8Array) => SpanBatch;

/** Whatever an earlier request left, a request says the same: the second decoder has always seen another one before. */
function steadily(first: Decode, second: Decode): (input: Uint8Array) => SpanBatch | null {
  let previous: Uint8Array = new Uint8Array(0);
  return (input) => {
    const given = Buffer.from(input);
    const outcome = outcomeOf(first, input);
    outcomeOf(second, previous);
    assert.deepEqual(outcomeOf(second, input), outcome, "the same input decodes in two ways");
    assert.ok(given.equals(input), "the decoder changed its input");
    previous = given;
    if (typeof outcome === "string") return null;
    checkBatch(outcome);
    return outcome;
  };
}

/** The batch, or the message of an error that is allowed. */
function outcomeOf(decode: Decode, input: Uint8Array): SpanBatch | string {
  try {
    return decode(input);
  } catch (error) {
    if (error instanceof OperatingError && isForSender(error)) return error.message;
    throw error;
  }
}

function isForSender({ code }: OperatingError): boolean {
  return code === "malformed-request" || code === "request-too-large";
}

function protobufTarget(): Target {
  const [first, second] = [makeDecoder(), makeDecoder()];
  const decodeJson = steadily(
    (input) => first.decodeJson(input),
    (input) => second.decodeJson(input),
  );
  const decode = steadily(
    (input) => first.decodeProtobuf(input),
    (input) => second.decodeProtobuf(input),
  );
  return (input) => {
    const batch = decode(input);
    assert.ok(batch === null || isSound(input), "a field that reaches past its message was taken");
    const request = quietly(() => referenceRequest(input));
    if (request === null) return;
    const canonical = decode(encodeReference(request));
    assert.ok(canonical !== null, "what the reference encoder wrote is malformed");
    assert.deepEqual(rowsOf(canonical), referenceRows(request), "our decoder and the reference differ");
    const whole = withoutBadIds(request);
    const fromJson = decodeJson(Buffer.from(JSON.stringify(jsonOf(whole))));
    assert.ok(fromJson !== null, "the same request in JSON is malformed");
    assert.deepEqual(rowsOf(fromJson), referenceRows(whole), "JSON and protobuf differ");
  };
}

function quietly<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

/** In JSON an id of the wrong length may look like base64, and so like a good one. */
function withoutBadIds(request: ReferenceRequest): ReferenceRequest {
  const resourceSpans = request.resourceSpans.map(({ resource, scopeSpans }) => ({
    resource,
    scopeSpans: scopeSpans.map(({ spans }) => ({
      spans: spans
        .filter(hasIds)
        .map((span) => ({ ...span, links: span.links.filter((link) => hasIds({ ...span, ...link })) })),
    })),
  }));
  return { resourceSpans };
}

/** OTLP/JSON: bytes in hex, and words for the numbers that JSON does not have. */
function jsonOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, jsonOf(part)]));
}

function jsonTarget(): Target {
  const [first, second] = [makeDecoder(), makeDecoder()];
  const decode = steadily(
    (input) => notOurs(() => first.decodeJson(input)),
    (input) => notOurs(() => second.decodeJson(input)),
  );
  return (input) => void decode(input);
}

/** What JSON was rewritten as is ours, so it cannot be malformed. */
function notOurs(decode: () => SpanBatch): SpanBatch {
  try {
    return decode();
  } catch (error) {
    if (error instanceof OperatingError && error.message.includes("protobuf"))
      throw new Error(error.message, { cause: error });
    throw error;
  }
}

/** The whole way of a request to the database, in collector time that passes. */
function pipelineTarget(): Target {
  let house = openHouse();
  let inputs = 0;
  return async (input) => {
    if (inputs++ % EPISODE === 0) {
      house.store.close();
      house = openHouse();
    }
    await house.take(input);
  };
}

function openHouse() {
  const rooms = buildRooms({
    baseline: baselineOf(BASELINE),
    fingerprintKey: { id: "test", bytes: new Uint8Array(32).fill(7) },
    alerts: [],
    shapes: [],
    assembler: { waitingMax: 1_024 },
  });
  const store = openStore(":memory:");
  let nowMs = START_MS;
  const take = async (bytes: Uint8Array): Promise<void> => {
    const encoding = bytes[0] === 0x7b ? "json" : "protobuf";
    nowMs += STEP_MS;
    try {
      ingest({ bytes, encoding }, rooms, nowMs);
    } catch (error) {
      if (!(error instanceof OperatingError && isForSender(error))) throw error;
    }
    await store.commit(conclude(rooms, nowMs));
    for (const [name, figure] of Object.entries(rooms.assembler.figures())) {
      assert.ok(figure >= 0, `${name} is ${figure}`);
    }
  };
  return { store, take };
}
