import type { OtlpAttributes, OtlpSpan } from "../support/otlp.ts";
import { tellCalledSide, tellCallingSide, tellPeer, tellToken, tellTopic, WRAPPER_PEER } from "./tell-attributes.ts";
import { type Call, isOrphan, type Trace, type Visit } from "./traces.ts";
import type { Replica, Service } from "./world.ts";

/** A span as it leaves its service. */
export type ToldSpan = { readonly resource: OtlpAttributes; readonly span: OtlpSpan; readonly trace: Trace };

const KIND = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** The spans of all traces that are exported at all. Ids repeat from trace to trace, as they may. */
export function tellSpans(traces: readonly Trace[]): ToldSpan[] {
  const carriers = new Map<Call, { readonly trace: Trace; readonly spanId: string; readonly service: Service }>();
  return traces.flatMap((trace) => new Teller(trace, carriers).tell());
}

type Carriers = Map<Call, { readonly trace: Trace; readonly spanId: string; readonly service: Service }>;
type Inbound = {
  readonly protocol: Call["protocol"];
  readonly route: number;
  readonly topic: { readonly system: string; readonly name: string } | null;
  readonly attributes: OtlpAttributes;
  readonly links?: OtlpSpan["links"];
};
type SpanParts = {
  readonly kind: number;
  readonly parent: string | null;
  readonly startMs: number;
  readonly attributes?: OtlpAttributes;
  readonly status?: number;
  readonly links?: OtlpSpan["links"];
};

class Teller {
  readonly #trace: Trace;
  readonly #carriers: Carriers;
  readonly #spans: ToldSpan[] = [];
  #lastId = 0;

  constructor(trace: Trace, carriers: Carriers) {
    this.#trace = trace;
    this.#carriers = carriers;
  }

  tell(): ToldSpan[] {
    const { root, origin, token, rootProtocol, rootRoute, topic, links } = this.#trace;
    const parent = isOrphan(this.#trace) ? this.#newId() : null;
    const attributes = {
      ...(token === null ? {} : tellToken(token, root.replica.dialect)),
      ...(origin === "public" ? { "client.address": `203.0.113.${this.#trace.number}` } : {}),
      ...(origin === "named" ? { "peer.service": "mobile" } : {}),
      ...(origin === "outside" && rootRoute === 1 ? { "client.address": "10.1.2.3" } : {}),
    };
    const linked = links.flatMap(({ call }) => this.#linkTo(call) ?? []);
    this.#visit(root, parent, {
      protocol: rootProtocol,
      route: rootRoute,
      topic,
      attributes,
      // The same message linked twice is one message.
      links: linked.length === 1 && this.#trace.number % 2 === 0 ? [...linked, ...linked] : linked,
    });
    return this.#spans;
  }

  #linkTo(call: Call): { readonly traceId: string; readonly spanId: string } | null {
    const carrier = this.#carriers.get(call);
    if (carrier === undefined) return null;
    return { traceId: traceIdOf(carrier.trace.number, carrier.service), spanId: carrier.spanId };
  }

  #visit(visit: Visit, parent: string | null, inbound: Inbound): void {
    const entry = this.#enter(visit, parent, inbound);
    for (const call of visit.calls) this.#call(visit, call, entry);
  }

  /** The span that the visit's calls hang from; for `bare`, the caller's. */
  #enter(visit: Visit, parent: string | null, inbound: Inbound): string | null {
    const { startMs } = visit;
    const called = this.#calledParts(visit, parent, inbound);
    switch (visit.entry) {
      case "bare":
        return parent;
      case "ghost":
        return this.#newId();
      case "internal":
        return this.#add(visit, { kind: KIND.internal, parent, startMs });
      case "internal-server": {
        const around = this.#add(visit, { kind: KIND.internal, parent, startMs });
        return this.#add(visit, { ...called, parent: around });
      }
      default:
        return this.#add(visit, called);
    }
  }

  #calledParts(visit: Visit, parent: string | null, inbound: Inbound): SpanParts {
    const { entry, startMs, replica } = visit;
    const isMessage = entry === "consumer" || entry === "receive";
    const told = tellCalledSide(visit, inbound);
    const kind = { consumer: KIND.consumer, receive: KIND.client } as const;
    return {
      kind: entry === "consumer" || entry === "receive" ? kind[entry] : KIND.server,
      parent,
      startMs,
      attributes: {
        ...told.attributes,
        ...(isMessage && visit.isRouteTold && inbound.topic !== null ? tellTopic(inbound.topic, replica.dialect) : {}),
        ...(entry === "receive" ? { "messaging.operation.type": "receive" } : {}),
        ...inbound.attributes,
      },
      status: told.status,
      ...(inbound.links === undefined ? {} : { links: inbound.links }),
    };
  }

  #call(visit: Visit, call: Call, entry: string | null): void {
    let from = entry;
    for (let i = 0; i < call.wrappers; i++) {
      const kind = i === 0 ? KIND.internal : KIND.unspecified;
      from = this.#add(visit, { kind, parent: from, startMs: call.startMs });
    }
    const carrier = call.carrier === "bare" ? from : this.#carry(visit, call, from);
    if (carrier !== null) this.#carriers.set(call, { trace: this.#trace, spanId: carrier, service: visit.service });
    for (const callee of call.callees) {
      const { protocol, route, target, token, observers } = call;
      this.#visit(callee, carrier, {
        protocol,
        route,
        topic: target.kind === "topic" ? target.topic : null,
        attributes: token !== null && observers.callee ? tellToken(token, callee.replica.dialect) : {},
      });
    }
  }

  /** The caller's spans around a call; returns the one that callees hang from. */
  #carry(visit: Visit, call: Call, parent: string | null): string {
    const { startMs } = call;
    const { dialect } = visit.replica;
    const sent = call.swapped ?? call.token;
    const token = sent !== null && call.observers.caller ? tellToken(sent, dialect) : {};
    const told = tellCallingSide(call, dialect);
    const named = { ...told.attributes, ...tellPeer(call, dialect) };
    const { status } = told;
    const kind = CARRIER_KINDS[call.carrier];
    if (call.carrier === "silent") {
      const outer = this.#add(visit, { kind, parent, startMs, attributes: named, status });
      return this.#add(visit, { kind, parent: outer, startMs: startMs + 0.5, attributes: token });
    }
    if (call.carrier === "wrapped") {
      const attributes = call.route === 1 ? {} : { "peer.service": WRAPPER_PEER };
      const outer = this.#add(visit, { kind, parent, startMs, attributes });
      const inner = call.route === 2 ? this.#add(visit, { kind: KIND.internal, parent: outer, startMs }) : outer;
      return this.#add(visit, {
        kind,
        parent: inner,
        startMs: startMs + 0.5,
        attributes: { ...named, ...token },
        status,
      });
    }
    const carrier = this.#add(visit, { kind, parent, startMs, attributes: { ...named, ...token }, status });
    if (call.carrier === "lookup") this.#add(visit, { kind, parent: carrier, startMs });
    return carrier;
  }

  #add({ service, replica, environment }: Visit, parts: SpanParts): string {
    const spanId = this.#newId();
    if (!service.isInstrumented) return spanId;
    const startMs = parts.startMs + replica.skewMs;
    this.#spans.push({
      resource: tellResource(service, replica, environment),
      trace: this.#trace,
      span: {
        traceId: traceIdOf(this.#trace.number, service),
        spanId,
        ...(parts.parent === null ? {} : { parentSpanId: parts.parent }),
        name: "simulated",
        kind: parts.kind,
        startMs,
        endMs: startMs + 5,
        attributes: parts.attributes ?? {},
        status: parts.status ?? 0,
        ...(parts.links === undefined ? {} : { links: parts.links }),
      },
    });
    return spanId;
  }

  #newId(): string {
    this.#lastId++;
    return this.#lastId.toString(16).padStart(16, "0");
  }
}

const CARRIER_KINDS = {
  client: KIND.client,
  wrapped: KIND.client,
  silent: KIND.client,
  lookup: KIND.client,
  unspecified: KIND.unspecified,
  producer: KIND.producer,
  bare: KIND.internal,
} as const;

function traceIdOf(number: number, service: Service): string {
  const low = (0x1000 + number).toString(16).padStart(16, "0");
  return (service.isShortTraced ? "0" : "abc").padStart(16, "0") + low;
}

function tellResource(service: Service, replica: Replica, environment: string): OtlpAttributes {
  const key = replica.dialect === "old" ? "deployment.environment" : "deployment.environment.name";
  return {
    "service.name": service.shortName,
    ...(service.namespace === null ? {} : { "service.namespace": service.namespace }),
    "service.version": replica.release,
    "telemetry.sdk.language": service.runtime,
    ...(environment === "default" ? {} : { [key]: environment }),
  };
}
