import { SPAN_KIND } from "../src/model/span-batch.ts";
import { encodeRequest, type OtlpAttributes, type OtlpResourceSpans, type OtlpSpan } from "../test/support/otlp.ts";
import { type LoadRequest, SPANS_A_REQUEST, toLoadRequest } from "./load.ts";
import { createRandom, type Random } from "./random.ts";
import { drawStampedText, TRACE_ID_MARK } from "./stamps.ts";

/** Traffic that no fleet sends by design, each against one bound. */
export const FLOOD_KINDS = ["unpaired spans", "trace ids", "service names", "long values", "operations"] as const;
export type FloodKind = (typeof FLOOD_KINDS)[number];

const EPOCH_MS = Date.UTC(2026, 10, 22);
/** So that requests do not wait for one another's bytes. */
const REQUESTS = 32;
const LONG_VALUES_A_REQUEST = 8;
const LONG_CHARACTERS = 1_000_000;

/** Encodes a few requests that are new in all that matters whenever they are sent again. */
export function createFlood(kind: FloodKind, seed: number): readonly LoadRequest[] {
  const random = createRandom(seed);
  return Array.from({ length: REQUESTS }, () => {
    const resourceSpans = DRAW[kind](random);
    const spans = resourceSpans.reduce((sum, { scopeSpans }) => sum + (scopeSpans[0]?.spans.length ?? 0), 0);
    return toLoadRequest(encodeRequest({ resourceSpans }), spans);
  });
}

const DRAW: Readonly<Record<FloodKind, (random: Random) => readonly OtlpResourceSpans[]>> = {
  "unpaired spans": (random) => [
    sent(
      "basket",
      drawMany(SPANS_A_REQUEST, () => callOf(random)),
    ),
  ],
  "trace ids": (random) => [
    sent(
      "basket",
      drawMany(SPANS_A_REQUEST, () => served(random, "/v1/baskets")),
    ),
  ],
  "service names": (random) =>
    drawMany(SPANS_A_REQUEST, () => sent(drawStampedText(random), [served(random, "/v1/things")])),
  "long values": (random) => [
    sent(
      "basket",
      drawMany(LONG_VALUES_A_REQUEST, () =>
        served(random, `/${drawStampedText(random)}`.padEnd(LONG_CHARACTERS, "/long")),
      ),
    ),
  ],
  operations: drawOperations,
};

/** Both ends of calls from one service to another, each of another operation. */
function drawOperations(random: Random): readonly OtlpResourceSpans[] {
  const calls = drawMany(SPANS_A_REQUEST / 2, () => {
    const route = `/v1/${drawStampedText(random)}`;
    const calling = callOf(random);
    return { calling, called: { ...served(random, route), traceId: calling.traceId, parentSpanId: calling.spanId } };
  });
  return [
    sent(
      "order",
      calls.map(({ calling }) => calling),
    ),
    sent(
      "basket",
      calls.map(({ called }) => called),
    ),
  ];
}

function callOf(random: Random): OtlpSpan {
  const attributes = { "http.request.method": "GET", "server.address": "pricing.bench.internal", "server.port": 8080 };
  return span(random, SPAN_KIND.client, attributes);
}

function served(random: Random, route: string): OtlpSpan {
  const attributes = { "http.request.method": "GET", "http.route": route, "http.response.status_code": 200 };
  return span(random, SPAN_KIND.server, attributes);
}

function span(random: Random, kind: number, attributes: OtlpAttributes): OtlpSpan {
  const traceId = TRACE_ID_MARK + random.hex(8);
  return { traceId, spanId: random.hex(8), kind, startMs: EPOCH_MS, endMs: EPOCH_MS + 1, attributes };
}

function sent(service: string, spans: readonly OtlpSpan[]): OtlpResourceSpans {
  const resource = { "service.name": service, "deployment.environment.name": "production" };
  return { resource, scopeSpans: [{ scope: "bench", spans }] };
}

function drawMany<Item>(count: number, draw: () => Item): Item[] {
  return Array.from({ length: count }, draw);
}
