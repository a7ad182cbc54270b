import { encodeRequest, type OtlpSpan } from "../test/support/otlp.ts";
import { drawProbe, drawTrace, TRACE_ID_MARK } from "./draw-trace.ts";
import { createFleet, type Fleet, type Service } from "./fleet.ts";
import { createRandom, type Random } from "./random.ts";

/** Spans of one export request; the SDKs' default batch size. */
export const SPANS_A_REQUEST = 512;

/** The prefix of a gRPC message: uncompressed, and its length in four bytes. */
const FRAME_BYTES = 5;
const MARK = Buffer.from(TRACE_ID_MARK, "hex");

/** One export request as a gRPC message, with the places in it that differ from round to round. */
export type LoadRequest = {
  readonly frame: Buffer;
  /** The same request without the gRPC prefix. */
  readonly body: Buffer;
  readonly traceIdWords: Uint32Array;
  readonly traceIdOffsets: Uint32Array;
};

export type Load = { readonly fleet: Fleet; readonly requests: readonly LoadRequest[]; readonly bytesASpan: number };

/** Encodes about `spans` distinct spans; the same seed gives the same bytes. */
export function createLoad(seed: number, spans: number): Load {
  const fleet = createFleet(seed);
  const random = createRandom(seed + 1);
  const batches = new Batches();
  const rest = fleet.services.length * SPANS_A_REQUEST;
  while (batches.spanCount < spans - rest / 2) drawTrace(fleet, random, batches.take);
  batches.topUp(random);
  const { requests } = batches;
  const bytes = requests.reduce((sum, { body }) => sum + body.length, 0);
  return { fleet, requests, bytesASpan: bytes / (requests.length * SPANS_A_REQUEST) };
}

/** Gathers spans as the services' SDKs do: a full batch of one service is one request. */
class Batches {
  readonly requests: LoadRequest[] = [];
  spanCount = 0;
  readonly #open = new Map<Service, OtlpSpan[]>();

  readonly take = (service: Service, span: OtlpSpan): void => {
    const spans = this.#open.get(service) ?? [];
    this.#open.set(service, spans);
    this.spanCount++;
    if (spans.push(span) === SPANS_A_REQUEST) this.#close(service, spans);
  };

  /** Fills what is still open with health checks, so that every trace is sent in full and every request is full. */
  topUp(random: Random): void {
    for (const [service, spans] of this.#open) {
      while (this.#open.get(service) === spans) drawProbe(service, random, this.take);
    }
  }

  #close(service: Service, spans: readonly OtlpSpan[]): void {
    this.#open.delete(service);
    const scopeSpans = [{ scope: "io.opentelemetry.java-agent", spans }];
    this.requests.push(toRequest(encodeRequest({ resourceSpans: [{ resource: service.resource, scopeSpans }] })));
  }
}

function toRequest(bytes: Uint8Array): LoadRequest {
  const frame = Buffer.alloc(FRAME_BYTES + bytes.length);
  frame.writeUInt32BE(bytes.length, 1);
  frame.set(bytes, FRAME_BYTES);
  const offsets: number[] = [];
  for (let at = frame.indexOf(MARK); at >= 0; at = frame.indexOf(MARK, at + 1)) offsets.push(at + MARK.length);
  return {
    frame,
    body: frame.subarray(FRAME_BYTES),
    traceIdOffsets: Uint32Array.from(offsets),
    traceIdWords: Uint32Array.from(offsets, (at) => frame.readUInt32BE(at)),
  };
}

/** Gives every trace of the request an id that it has in this round only: what is sent again is not a duplicate. */
export function stampRound({ frame, traceIdOffsets, traceIdWords }: LoadRequest, round: number): void {
  // Multiplying by an odd number is a bijection, so two rounds never meet in one id.
  const mask = Math.imul(round, 0x9e3779b1);
  for (let n = 0; n < traceIdOffsets.length; n++) {
    frame.writeInt32BE((traceIdWords[n] as number) ^ mask, traceIdOffsets[n] as number);
  }
}
