import type { GraphNode, Outcome, Protocol } from "../model/graph.ts";
import { SPAN_KIND } from "../model/span-batch.ts";
import type { SpanFields } from "./attribute-names.ts";
import { nameOperation } from "./name-operation.ts";
import { nameOutcome } from "./name-outcome.ts";
import { destinationName, isNamedByAddress, nameDestination, namePeer, SCHEDULER } from "./name-peer.ts";

/** Which side of a hop a span is: `out` calls, `in` is called, `transparent` only carries ancestry, `none` is neither. */
export type Role = "out" | "in" | "transparent" | "none";

/** What one span says about a hop, worked out from its kind, status and attributes alone. */
export type SpanMeaning = {
  readonly role: Role;
  readonly protocol: Protocol;
  readonly operation: string | null;
  /** On the logical hop through a destination. */
  readonly publishOperation: string | null;
  /** The other side as this span names it. On an `in` span: its caller. */
  readonly peer: GraphNode | null;
  /** On an `out` span: the peer is named by an address that may be another name of some service. */
  readonly isByAddress: boolean;
  readonly destination: GraphNode | null;
  readonly outcome: Outcome;
  readonly transport: "tls" | "plaintext" | "unknown";
  /** The span is a proxy's, or a sidecar's that bears its application's name; known by an explicit mark only. */
  readonly isProxy: boolean;
};

/** Reads a span's meaning. Pure; runs once for each distinct combination of kind, status and attributes. */
export function readMeaning(kind: number, status: number, fields: SpanFields): SpanMeaning {
  const role = nameRole(kind, fields);
  const destination = role === "out" || role === "in" ? destinationOf(kind, fields) : null;
  const { protocol, operation } = nameOperation(fields, role === "in" ? "in" : "out");
  return {
    role,
    protocol,
    operation: role === "transparent" ? null : operation,
    publishOperation: destination === null ? null : `publish:${destinationName(fields) ?? ""}`,
    peer: peerOf(role, fields),
    isByAddress: role === "out" && isNamedByAddress(fields),
    destination,
    outcome: nameOutcome(fields, status),
    transport: nameTransport(kind, fields),
    isProxy: fields.proxyKind === "proxy" || fields.proxyCluster !== undefined,
  };
}

function nameRole(kind: number, fields: SpanFields): Role {
  const operation = fields.messagingOperation ?? "";
  if (operation === "settle" || operation === "ack") return "none";
  switch (kind) {
    case SPAN_KIND.client:
      return operation === "receive" || operation === "process" ? "in" : "out";
    case SPAN_KIND.producer:
      return "out";
    case SPAN_KIND.server:
    case SPAN_KIND.consumer:
      return "in";
    case SPAN_KIND.unspecified:
      return fields.peerService === undefined ? "transparent" : "out";
    default:
      return "transparent";
  }
}

function destinationOf(kind: number, fields: SpanFields): GraphNode | null {
  const isMessaging =
    kind === SPAN_KIND.producer ||
    kind === SPAN_KIND.consumer ||
    fields.messagingSystem !== undefined ||
    fields.messagingOperation !== undefined;
  return isMessaging ? nameDestination(fields) : null;
}

/** On an `in` span only a service's own name counts as naming the caller; addresses are evidence, not a name. */
function peerOf(role: Role, fields: SpanFields): GraphNode | null {
  if (role === "out") return namePeer(fields);
  if (role !== "in") return null;
  if (fields.peerService === undefined) return scheduler(fields);
  const namespace = fields.peerNamespace === undefined ? "" : `${fields.peerNamespace}/`;
  return { kind: "external", name: `${namespace}${fields.peerService}` };
}

/** A function that a timer starts is called by no user. */
function scheduler({ faasTrigger }: SpanFields): GraphNode | null {
  return faasTrigger === "timer" || faasTrigger === "cron" ? SCHEDULER : null;
}

/** On a server span `url.scheme` is what the first client used, not proof of this hop's transport, so it is not read. */
function nameTransport(kind: number, fields: SpanFields): SpanMeaning["transport"] {
  if (fields.tlsVersion !== undefined || fields.tlsEstablished === "true") return "tls";
  if (fields.tlsEstablished === "false") return "plaintext";
  if (kind !== SPAN_KIND.client) return "unknown";
  const scheme = fields.scheme ?? fields.url?.split(":", 1)[0];
  if (scheme === "https") return "tls";
  return scheme === "http" ? "plaintext" : "unknown";
}
