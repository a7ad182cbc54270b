import { SPAN_KIND } from "../src/model/span-batch.ts";
import type { OtlpSpan } from "../test/support/otlp.ts";
import type { Fleet, Service } from "./fleet.ts";
import { createRandom, type Random } from "./random.ts";

const EPOCH_MS = Date.UTC(2026, 10, 22);
/** Past this, further alerts of one rule about one callee are rolled up into one. */
const ALERTS_A_CALLEE = 20;

/** A call that no owner declared, by its two ends. */
export type Drift = {
  readonly caller: Service;
  readonly callee: Service;
  readonly calling: OtlpSpan;
  readonly called: OtlpSpan;
};

/** Draws undeclared calls between a fleet's services, each between another two; throws where there are not as many. */
export function drawDrifts({ services }: Fleet, count: number, seed: number): readonly Drift[] {
  const random = createRandom(seed);
  const drifts: Drift[] = [];
  for (const [index, callee] of services.entries()) {
    // Each in turn calls the next ones: past 100 alerts of one rule and caller, too, further ones are rolled up.
    for (const caller of strangersTo(callee, [...services.slice(index + 1), ...services.slice(0, index)])) {
      if (drifts.length === count) return drifts;
      drifts.push(drawDrift(caller, callee, random));
    }
  }
  if (drifts.length < count) throw new Error(`expected at most ${drifts.length} undeclared calls, got ${count}`);
  return drifts;
}

/** Services that did not declare to call this one: those that come first. */
function strangersTo(callee: Service, services: readonly Service[]): readonly Service[] {
  const strangers: Service[] = [];
  for (const service of services) {
    if (strangers.length === ALERTS_A_CALLEE) break;
    if (service !== callee && !service.calls.some((call) => call.callee === callee)) strangers.push(service);
  }
  return strangers;
}

function drawDrift(caller: Service, callee: Service, random: Random): Drift {
  const traceId = random.hex(16);
  const spanId = random.hex(8);
  const http = { "http.request.method": "GET", "http.response.status_code": 200 };
  const address = `${callee.name}.bench.svc.cluster.local`;
  const calling = { ...http, "url.full": `http://${address}:8080/v1/drift`, "server.address": address };
  const span = { traceId, startMs: EPOCH_MS, endMs: EPOCH_MS + 1 };
  return {
    caller,
    callee,
    calling: { ...span, spanId, parentSpanId: random.hex(8), kind: SPAN_KIND.client, attributes: calling },
    called: {
      ...{ ...span, spanId: random.hex(8), parentSpanId: spanId, kind: SPAN_KIND.server },
      attributes: { ...http, "http.route": "/v1/drift" },
    },
  };
}
