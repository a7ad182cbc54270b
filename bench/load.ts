import { encodeJsonRequest, encodeRequest, type OtlpRequest, type OtlpSpan } from "../test/support/otlp.ts";
import { drawProbe, drawTrace } from "./draw-trace.ts";
import { createFleet, FLEET_DEFAULTS, type Fleet, type FleetPlan, type Service } from "./fleet.ts";
import { createRandom, type Random } from "./random.ts";
import { findStamps, type Stamps } from "./stamps.ts";

/** Spans of one export request; the SDKs' default batch size. */
export const SPANS_A_REQUEST = 512;

/** The prefix of a gRPC message: uncompressed, and its length in four bytes. */
const FRAME_BYTES = 5;

/** One export request as a gRPC message, with the places in it that differ from round to round. */
export type LoadRequest = {
  readonly frame: Buffer;
  /** The same request without the gRPC prefix. */
  readonly body: Buffer;
  readonly spans: number;
  readonly stamps: Stamps;
};

export type Load = { readonly fleet: Fleet; readonly requests: readonly LoadRequest[]; readonly bytesASpan: number };

/** What load to encode; the same plan gives the same bytes. */
export type LoadPlan = Partial<FleetPlan> & {
  readonly seed: number;
  /** About as many distinct spans. */
  readonly spans: number;
  readonly isJson?: boolean;
  /** Spans of one service that come together; several such batches make a request where it is less than a request's. */
  readonly spansABatch?: number;
};

/** Encodes the traffic of a fleet. */
export function createLoad(plan: LoadPlan): Load {
  const fleet = createFleet({ ...FLEET_DEFAULTS, ...plan });
  const random = createRandom(plan.seed + 1);
  const spansABatch = plan.spansABatch ?? SPANS_A_REQUEST;
  const batches = new Batches(spansABatch, plan.isJson === true ? encodeJsonRequest : encodeRequest);
  const rest = fleet.services.length * spansABatch;
  while (batches.spanCount < plan.spans - rest / 2) drawTrace(fleet, random, batches.take);
  batches.topUp(fleet, random);
  const { requests } = batches;
  const bytes = requests.reduce((sum, { body }) => sum + body.length, 0);
  return { fleet, requests, bytesASpan: bytes / (requests.length * SPANS_A_REQUEST) };
}

/** The request as it can be sent, and sent again. */
export function toLoadRequest(bytes: Uint8Array, spans: number): LoadRequest {
  const frame = Buffer.alloc(FRAME_BYTES + bytes.length);
  frame.writeUInt32BE(bytes.length, 1);
  frame.set(bytes, FRAME_BYTES);
  return withBody({ frame, spans, stamps: findStamps(frame) });
}

/** The same request in memory of its own. */
export function copyRequest(request: LoadRequest): LoadRequest {
  return withBody({ ...request, frame: Buffer.from(request.frame) });
}

function withBody(request: Omit<LoadRequest, "body">): LoadRequest {
  return { ...request, body: request.frame.subarray(FRAME_BYTES) };
}

type Batch = { readonly service: Service; readonly spans: readonly OtlpSpan[] };

/** Gathers spans as the services' SDKs do: a full batch of one service is sent, alone or with a few others. */
class Batches {
  readonly requests: LoadRequest[] = [];
  spanCount = 0;
  readonly #spansABatch: number;
  readonly #encode: (request: OtlpRequest) => Uint8Array;
  readonly #open = new Map<Service, OtlpSpan[]>();
  #full: Batch[] = [];

  constructor(spansABatch: number, encode: (request: OtlpRequest) => Uint8Array) {
    this.#spansABatch = spansABatch;
    this.#encode = encode;
  }

  readonly take = (service: Service, span: OtlpSpan): void => {
    const spans = this.#open.get(service) ?? [];
    this.#open.set(service, spans);
    this.spanCount++;
    if (spans.push(span) === this.#spansABatch) this.#close({ service, spans });
  };

  /** Fills what is still open with health checks, so that every trace is sent in full and every request is full. */
  topUp({ services }: Fleet, random: Random): void {
    for (const [service, spans] of this.#open) {
      while (this.#open.get(service) === spans) drawProbe(service, random, this.take);
    }
    const [first] = services;
    while (first !== undefined && this.#full.length > 0) drawProbe(first, random, this.take);
  }

  #close(batch: Batch): void {
    this.#open.delete(batch.service);
    this.#full.push(batch);
    if (this.#full.length * this.#spansABatch < SPANS_A_REQUEST) return;
    const resourceSpans = this.#full.map(({ service, spans }) => ({
      resource: service.resource,
      scopeSpans: [{ scope: "io.opentelemetry.java-agent", spans }],
    }));
    this.requests.push(toLoadRequest(this.#encode({ resourceSpans }), SPANS_A_REQUEST));
    this.#full = [];
  }
}
