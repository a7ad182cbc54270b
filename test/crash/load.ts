import { Random } from "../simulation/random.ts";
import { encodeRequest, type OtlpSpan } from "../support/otlp.ts";
import { type SentSpan, Traces } from "./trace-kinds.ts";

/** How far apart, in requests, the spans of one trace may be sent; late ones come this far after. */
const SPREAD = 6;
const LATE_AFTER = 50;
const TRACES_PER_REQUEST = 2;

/** An export request as it is sent, again and again until it is answered. */
export type LoadRequest = {
  readonly number: number;
  readonly bytes: Buffer;
  readonly spanCount: number;
  /** How the sender behaves: waits, gives up after so many ms the first time, or sends all twice although answered. */
  readonly impatienceMs: number | null;
  readonly isSentTwice: boolean;
};

/** The requests of a load that follows from its seed: the halves of most calls are in different requests. */
export function createLoad(seed: number, requestCount: number): readonly LoadRequest[] {
  const random = new Random(seed);
  const traces = new Traces(random);
  const spansOf: SentSpan[][] = Array.from({ length: requestCount }, () => []);
  for (let n = 0; n < requestCount; n++) {
    for (let trace = 0; trace < TRACES_PER_REQUEST; trace++) {
      for (const sent of traces.next()) {
        const at = n + random.between(0, SPREAD) + (sent.isLate === true ? LATE_AFTER : 0);
        spansOf[Math.min(at, requestCount - 1)]?.push(sent);
      }
    }
  }
  const filled = spansOf.filter((spans) => spans.length > 0);
  return filled.map((spans, number) => ({
    number,
    bytes: encode(random.shuffle(spans)),
    spanCount: spans.length,
    impatienceMs: random.chance(0.15) ? random.between(0, 15) : null,
    isSentTwice: random.chance(0.1),
  }));
}

/** One resource a service, as an exporter behind one collector pipeline would batch them. */
function encode(spans: readonly SentSpan[]): Buffer {
  const byService = new Map<string, OtlpSpan[]>();
  for (const { service, span } of spans) byService.set(service, [...(byService.get(service) ?? []), span]);
  const resourceSpans = [...byService].map(([service, ofService]) => ({
    resource: { "service.name": service, "telemetry.sdk.language": `lang-of-${service}` },
    scopeSpans: [{ spans: ofService }],
  }));
  return Buffer.from(encodeRequest({ resourceSpans }));
}
