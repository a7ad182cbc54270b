import { SPAN_KIND, SPAN_STATUS } from "../src/model/span-batch.ts";
import type { OtlpAttributes, OtlpSpan } from "../test/support/otlp.ts";
import { type Call, type Fleet, type Operation, type Service, storeHost } from "./fleet.ts";
import type { Random } from "./random.ts";
import { TRACE_ID_MARK } from "./stamps.ts";

const EPOCH_MS = Date.UTC(2026, 10, 22);
const SPANS_MIN = 8;
const SPANS_MAX = 30;
const FAILS = 0.02;

/** Takes a finished span of a service. */
export type Export = (service: Service, span: OtlpSpan) => void;

type Trace = { readonly id: string; readonly random: Random; readonly take: Export; spansLeft: number };
type Parent = { readonly spanId: string; readonly startMs: number };

/** Draws one request through the fleet, 8 to 30 spans; children are exported before their parents, as they end first. */
export function drawTrace({ entries }: Fleet, random: Random, take: Export): void {
  const spansLeft = SPANS_MIN + random.below(SPANS_MAX - SPANS_MIN + 1);
  const trace: Trace = { id: TRACE_ID_MARK + random.hex(8), random, take, spansLeft };
  const entry = random.pick(entries);
  const attributes = serverAttributes(entry, random.pick(entry.operations), random);
  serve(trace, entry, { parent: null, startMs: EPOCH_MS + random.below(60_000), attributes });
}

/** A health check of the platform: a trace of one span, without a caller. */
export function drawProbe(service: Service, random: Random, take: Export): void {
  const trace: Trace = { id: TRACE_ID_MARK + random.hex(8), random, take, spansLeft: 1 };
  const attributes = serverAttributes(service, { kind: "http", method: "GET", route: "/healthz" }, random);
  serve(trace, service, { parent: null, startMs: EPOCH_MS + random.below(60_000), attributes });
}

type Served = { readonly parent: Parent | null; readonly startMs: number; readonly attributes: OtlpAttributes };

/** One called span and what its service does meanwhile; returns when it ends. */
function serve(trace: Trace, service: Service, { parent, startMs, attributes }: Served): number {
  const { random } = trace;
  trace.spansLeft--;
  const own: Parent = { spanId: random.hex(8), startMs: startMs + 0.4 };
  let endMs = startMs + 1 + random.below(4000) / 1000;
  if (service.hasStore && trace.spansLeft > 0) endMs = query(trace, service, { ...own, startMs: endMs });
  const calls = parent === null ? Number.POSITIVE_INFINITY : random.below(4);
  for (let n = 0; n < calls && trace.spansLeft > 1 && service.calls.length > 0; n++) {
    endMs = call(trace, service, random.pick(service.calls), { ...own, startMs: endMs });
  }
  trace.take(service, {
    ...ids(trace, own.spanId, parent),
    name: nameOf(attributes),
    kind: SPAN_KIND.server,
    startMs,
    endMs: endMs + 0.3,
    attributes,
    status: isFailed(attributes) ? SPAN_STATUS.error : SPAN_STATUS.unset,
  });
  return endMs + 0.3;
}

/** A calling span with the called one below it. */
function call(trace: Trace, caller: Service, { callee, operation, present }: Call, parent: Parent): number {
  const { random } = trace;
  trace.spansLeft--;
  const spanId = random.hex(8);
  const called = serverAttributes(callee, operation, random);
  const token = present?.(random) ?? {};
  const startMs = parent.startMs + 0.1;
  const endMs = serve(trace, callee, {
    parent: { spanId, startMs },
    startMs: startMs + 0.2 + random.below(1000) / 1000,
    attributes: { ...called, ...token },
  });
  trace.take(caller, {
    ...ids(trace, spanId, parent),
    name: nameOf(called),
    kind: SPAN_KIND.client,
    startMs,
    endMs: endMs + 0.2,
    attributes: clientAttributes(callee, called, random),
    status: isFailed(called) ? SPAN_STATUS.error : SPAN_STATUS.unset,
  });
  return endMs + 0.2;
}

function query(trace: Trace, service: Service, parent: Parent): number {
  const { random } = trace;
  trace.spansLeft--;
  const startMs = parent.startMs + 0.1;
  const endMs = startMs + 0.5 + random.below(3000) / 1000;
  const table = `${service.name.replace("-", "_")}s`;
  trace.take(service, {
    ...ids(trace, random.hex(8), parent),
    name: `SELECT ${table}`,
    kind: SPAN_KIND.client,
    startMs,
    endMs,
    attributes: {
      "db.system.name": "postgresql",
      "db.namespace": table,
      "db.operation.name": "SELECT",
      "db.collection.name": table,
      "db.query.text": `SELECT id, status, total, updated_at FROM ${table} WHERE tenant = $1 AND id = $2 ORDER BY updated_at DESC LIMIT 50`,
      "server.address": storeHost(service.name),
      "server.port": 5432,
      "network.peer.address": "10.4.0.17",
      "network.peer.port": 5432,
      ...thread(random),
    },
  });
  return endMs;
}

function ids(
  trace: Trace,
  spanId: string,
  parent: Parent | null,
): Pick<OtlpSpan, "traceId" | "spanId" | "parentSpanId"> {
  return { traceId: trace.id, spanId, parentSpanId: parent?.spanId ?? "" };
}

function serverAttributes(service: Service, operation: Operation, random: Random): OtlpAttributes {
  const common = {
    "server.address": `${service.name}.bench.svc.cluster.local`,
    "server.port": 8080,
    "network.peer.address": `10.4.${random.below(4)}.${random.below(250)}`,
    "network.peer.port": 32_768 + random.below(28_000),
    ...thread(random),
  };
  if (operation.kind === "rpc") {
    return {
      "rpc.system": "grpc",
      "rpc.service": operation.service,
      "rpc.method": operation.method,
      "rpc.grpc.status_code": random.chance(FAILS) ? 13 : 0,
      ...common,
    };
  }
  return {
    "http.request.method": operation.method,
    "http.route": operation.route,
    "url.scheme": "http",
    "url.path": operation.route.replace("{id}", String(10_000 + random.below(9_000_000))),
    "http.response.status_code": random.chance(FAILS) ? 503 : 200,
    "network.protocol.version": "1.1",
    "user_agent.original": "Apache-HttpClient/5.4 (Java/21.0.5)",
    ...common,
  };
}

/** The same request from its caller's side. */
function clientAttributes({ name }: Service, called: OtlpAttributes, random: Random): OtlpAttributes {
  const host = `${name}.bench.svc.cluster.local`;
  const common = {
    "server.address": host,
    "server.port": 8080,
    "network.peer.address": `10.8.0.${name.length}`,
    "network.peer.port": 8080,
    ...thread(random),
  };
  if (called["rpc.system"] !== undefined) {
    return {
      "rpc.system": "grpc",
      "rpc.service": called["rpc.service"] ?? "",
      "rpc.method": called["rpc.method"] ?? "",
      "rpc.grpc.status_code": called["rpc.grpc.status_code"] ?? 0,
      ...common,
    };
  }
  return {
    "http.request.method": called["http.request.method"] ?? "",
    "url.full": `http://${host}:8080${called["url.path"]}?fields=id,status,total&page=${random.below(40)}`,
    "http.response.status_code": called["http.response.status_code"] ?? 200,
    "http.request.resend_count": 0,
    "network.protocol.version": "1.1",
    ...common,
  };
}

function thread(random: Random): OtlpAttributes {
  const id = 20 + random.below(200);
  return { "thread.id": id, "thread.name": `http-nio-8080-exec-${id}` };
}

function nameOf(attributes: OtlpAttributes): string {
  const rpc = attributes["rpc.service"];
  if (rpc !== undefined) return `${rpc}/${attributes["rpc.method"]}`;
  return `${attributes["http.request.method"]} ${attributes["http.route"]}`;
}

function isFailed(attributes: OtlpAttributes): boolean {
  return attributes["http.response.status_code"] === 503 || attributes["rpc.grpc.status_code"] === 13;
}
