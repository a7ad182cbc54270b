import type { Alert, AuditRow } from "../../src/model/alert.ts";
import type { AliasSighting } from "../../src/model/alias.ts";
import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../../src/model/credential.ts";
import type {
  Exchange,
  NewShape,
  Presentation,
  Relay,
  Reuse,
  ServiceSighting,
  ShapeCount,
  TelemetrySighting,
} from "../../src/model/facts.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Evidence, Shape } from "../../src/model/graph.ts";
import type { RememberedPairs, RememberedProducers, RememberedUses } from "../../src/model/memory.ts";
import { type AlertFilter, EMPTY_COMMIT } from "../../src/model/store.ts";

/** Noon of a day whose hours are easy to read in a failing test. */
export const NOON_MS = Date.parse("2026-01-02T12:00:00Z");
export const HOUR_MS = 3_600_000;
export const EVER = { fromMs: null, toMs: null };

export const NOTHING = EMPTY_COMMIT;

export const ANY_ALERT: AlertFilter = {
  statuses: null,
  rules: null,
  minSeverity: null,
  environment: null,
  service: null,
  owner: null,
};

export function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    callerSpanId: "b7ad6b7169203331",
    calleeSpanId: "00f067aa0ba902b7",
    atMs: NOON_MS,
    clientAddress: null,
    fingerprint: null,
    release: "1.0.0",
    ...changes,
  };
}

export function credential(changes: Partial<CredentialProfile> = {}): CredentialProfile {
  return {
    ...UNKNOWN_CREDENTIAL,
    scheme: "bearer",
    format: "jwt",
    role: "access_token",
    quality: "full",
    issuer: "https://id.example",
    audiences: ["payments"],
    client: "checkout",
    ...changes,
  };
}

/** A hop from checkout to payments; the key follows from the changes' own `key`. */
export function shape(changes: Partial<Shape> = {}): Shape {
  return {
    key: "checkout-payments",
    environment: "prod",
    callerEnvironment: null,
    caller: { kind: "service", name: "checkout" },
    callee: { kind: "service", name: "payments" },
    type: "direct",
    via: null,
    operation: "POST /pay",
    protocol: "http",
    credential: null,
    credentialSeenBy: null,
    transport: "unknown",
    outcome: "ok",
    isExpired: false,
    isPremature: false,
    isCredentialChanged: false,
    peer: null,
    isInteractive: false,
    origin: "unknown",
    ...changes,
  };
}

export function newShape(changes: Partial<Shape> = {}): NewShape {
  return { shape: shape(changes), confidence: "paired", evidence: evidence() };
}

export function counted(changes: Partial<ShapeCount> = {}): ShapeCount {
  return {
    shapeKey: "checkout-payments",
    confidence: "paired",
    count: 1,
    estimated: changes.count ?? 1,
    firstSeenMs: NOON_MS,
    lastSeenMs: NOON_MS,
    evidence: evidence(),
    ...changes,
  };
}

/** Checkout's hops to payments by its address. */
export function alias(changes: Partial<AliasSighting> = {}): AliasSighting {
  const taught = { environment: "prod", address: "pay:8080", service: "payments", count: 1 };
  return { ...taught, firstSeenMs: NOON_MS, lastSeenMs: NOON_MS, ...changes };
}

export function sighting(changes: Partial<ServiceSighting> = {}): ServiceSighting {
  return {
    environment: "prod",
    service: "checkout",
    runtime: "nodejs",
    release: "1.0.0",
    spanCount: 5,
    inboundCount: 2,
    inboundCredentialCount: 1,
    outboundCount: 3,
    outboundCredentialCount: 2,
    seenMs: NOON_MS,
    ...changes,
  };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    rule: "undeclared-call",
    environment: "prod",
    keyFields: ["checkout", "payments"],
    severity: "medium",
    severityReasons: [],
    verdict: "violation",
    confidence: "high",
    controlHeld: false,
    caller: "checkout",
    callee: "payments",
    operation: "POST /pay",
    audiences: [],
    credential: null,
    owner: "team-shop",
    summary: "checkout called payments, which nobody declared",
    decidedBy: { position: { file: "shop.yaml", line: 3, column: 1 }, says: "checkout calls nobody" },
    waysOut: ["declare", "fix"],
    ...changes,
  };
}

export function alert(changes: Partial<Alert> = {}): Alert {
  return {
    id: "01KE0000000000000000000001",
    key: "v1:aaaaaaaaaaaaaaaaaaaaaaaaaa",
    finding: finding(),
    status: "open",
    statusReason: null,
    statusSinceMs: NOON_MS,
    assignee: null,
    acknowledgedUntilMs: null,
    isRegression: false,
    firstSeenMs: NOON_MS,
    lastSeenMs: NOON_MS,
    count: 1,
    evidence: [evidence()],
    baselineRevision: "0123456789ab",
    ...changes,
  };
}

export function audit(changes: Partial<AuditRow> = {}): AuditRow {
  return {
    alertId: "01KE0000000000000000000001",
    atMs: NOON_MS,
    actor: "trustdrift",
    action: "raise",
    from: null,
    to: "open",
    reason: null,
    ...changes,
  };
}

export function relay(changes: Partial<Relay> = {}): Relay {
  return {
    environment: "prod",
    service: "checkout",
    next: { kind: "service", name: "payments" },
    operation: "POST /pay",
    credential: credential(),
    outcome: "ok",
    count: 3,
    seenMs: NOON_MS,
    evidence: evidence(),
    ...changes,
  };
}

/** Checkout's swap of the web's token for one of its own. */
export function exchange(changes: Partial<Exchange> = {}): Exchange {
  const { credential: presented, ...facts } = relay();
  return { ...facts, received: credential({ client: "web" }), presented, isSameSubject: true, ...changes };
}

/** A proof of checkout's that somebody presented again. */
export function reuse(changes: Partial<Reuse> = {}): Reuse {
  const { service: _, next: recipient, ...facts } = relay();
  return { ...facts, kind: "proof", presenter: "thief", recipient, apartMs: 40_000, ...changes };
}

/** A credential that stood in the open. */
export function oddity(changes: Partial<TelemetrySighting> = {}): TelemetrySighting {
  const { environment, service, count, seenMs, evidence: example } = relay();
  const told = { environment, service, count, seenMs, evidence: example };
  return { ...told, kind: "raw-credential", detail: "db.statement", ...changes };
}

/** The first use of one proof, in a generation. */
export function uses(generationMs: number, startMs = NOON_MS): RememberedUses {
  return {
    generationMs,
    kinds: Uint8Array.of(4),
    hashes: Uint32Array.of(9, 8, 7, 6),
    fingerprints: Uint32Array.of(1, 2, 3, 4),
    presenterIndexes: Int32Array.of(0),
    recipientIndexes: Uint32Array.of(0),
    environmentIndexes: Uint32Array.of(0),
    operationIndexes: Int32Array.of(0),
    profileIndexes: Uint32Array.of(0),
    outcomes: Uint8Array.of(1),
    startMs: Float64Array.of(startMs),
    ids: Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    joins: Uint32Array.of(3, 4, 13, 14),
    senders: [{ service: "checkout", environment: "prod", release: null, runtime: "nodejs" }],
    recipients: [{ kind: "service", name: "payments" }],
    environments: ["prod"],
    operations: ["POST /pay"],
    profiles: [credential()],
  };
}

/** A fingerprint that two services presented to payments. */
export function presentation(changes: Partial<Presentation> = {}): Presentation {
  const pair = {
    recipient: { kind: "service", name: "payments" },
    environment: "prod",
    firstMs: NOON_MS,
    isAccepted: true,
    isRefused: false,
    isRelayed: false,
    isAutomated: false,
    count: 1,
    presenterRuntime: "nodejs",
    evidence: evidence(),
  } as const;
  return {
    fingerprint: "h1:test:aaaaaaaaaaaaaaaaaaaaaa",
    credential: credential(),
    expiresAtS: null,
    seenMs: NOON_MS,
    pairs: [
      { ...pair, presenter: "checkout" },
      { ...pair, presenter: "thief" },
    ],
    ...changes,
  };
}

/** Two producers, the later one at this collector time. */
export function producers(atMs: number): RememberedProducers {
  return {
    atMs: Float64Array.of(atMs - 0.5, atMs),
    ids: Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    senderIndexes: Uint32Array.of(0, 0),
    destinationIndexes: Int32Array.of(0, -1),
    senders: [{ service: "checkout", environment: "prod", release: null, runtime: "nodejs" }],
    destinations: [{ node: { kind: "broker", name: "kafka/orders" }, publishOperation: "publish:orders" }],
  };
}

/** One pair of one fingerprint, in a generation. */
export function pairs(generationMs: number, bits = 1): RememberedPairs {
  return {
    generationMs,
    fingerprints: Uint32Array.of(1, 2, 3, 4),
    presenterIndexes: Int32Array.of(0),
    recipientIndexes: Uint32Array.of(0),
    environmentIndexes: Uint32Array.of(0),
    profileIndexes: Uint32Array.of(0),
    bits: Uint8Array.of(bits),
    isWatched: Uint8Array.of(0),
    firstMs: Float64Array.of(NOON_MS),
    expiresAtS: Float64Array.of(Number.NaN),
    ids: Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    senders: [{ service: "checkout", environment: "prod", release: null, runtime: "nodejs" }],
    recipients: [{ kind: "service", name: "payments" }],
    environments: ["prod"],
    profiles: [credential()],
  };
}
