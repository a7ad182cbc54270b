import type { AliasSighting } from "./alias.ts";
import type { CredentialProfile } from "./credential.ts";
import type { Confidence, Evidence, GraphNode, Outcome, Shape } from "./graph.ts";

/** A shape that was not seen before (by this process). */
export type NewShape = { readonly shape: Shape; readonly confidence: Confidence; readonly evidence: Evidence };

/** Hops counted, or retracted (negative), since the last facts. */
export type ShapeCount = {
  readonly shapeKey: string;
  readonly confidence: Confidence;
  readonly count: number;
  /** How many hops the counted ones stand for, where a sampler kept only some of their spans; negative likewise. */
  readonly estimated: number;
  /** Collector time for live traffic, the spans' own time for a capture; ms since 1970. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly evidence: Evidence;
};

/**
 * A service forwarded the bearer credential it had received, seen within one trace: a server span and a client span
 * below it, in one service, with one fingerprint. Reported once per distinct set of the fields above `evidence`.
 */
export type Relay = {
  readonly environment: string;
  /** Who relayed. */
  readonly service: string;
  readonly next: GraphNode;
  readonly operation: string | null;
  readonly credential: CredentialProfile;
  readonly outcome: Outcome;
  readonly count: number;
  readonly seenMs: number;
  readonly evidence: Evidence;
};

/** What tells one relay from another, as text. */
export function relayKey({ environment, service, next, operation, credential, outcome }: Relay): string {
  return JSON.stringify([environment, service, next, operation, credential, outcome]);
}

/** One (presenter, recipient) pair of a fingerprint. */
export type PresentationPair = {
  /** Null where the caller was never seen. */
  readonly presenter: string | null;
  readonly recipient: GraphNode;
  readonly environment: string;
  /** Start of the earliest such hop, the spans' own time. */
  readonly firstMs: number;
  readonly isAccepted: boolean;
  readonly isRefused: boolean;
  /** True where presenter received this fingerprint in the same trace before it presented it. */
  readonly isRelayed: boolean;
  /** True where presenter did it without having been called: no called span, or only a consumed message, stands above. */
  readonly isAutomated: boolean;
  /** Hops since the fingerprint was last reported. */
  readonly count: number;
  /** The presenter's language runtime, from `telemetry.sdk.language`; null when not said. */
  readonly presenterRuntime: string | null;
  readonly evidence: Evidence;
};

/** Equal exactly for one pair told twice. */
export function pairKey({
  environment,
  presenter,
  recipient,
}: Pick<PresentationPair, "environment" | "presenter" | "recipient">): string {
  return JSON.stringify([environment, presenter, recipient.kind, recipient.name]);
}

/**
 * All pairs of one fingerprint; reported when it gains a second pair or a pair shows something new and, where that was
 * found to be drift, whenever it is presented again.
 */
export type Presentation = {
  readonly fingerprint: string;
  readonly credential: CredentialProfile;
  readonly expiresAtS: number | null;
  /** When it was seen last, as in {@link ShapeCount}. */
  readonly seenMs: number;
  readonly pairs: readonly PresentationPair[];
};

/**
 * A service that received one credential presented another in the same trace, below the span that received. Reported
 * once per distinct set of the fields above `evidence`.
 */
export type Exchange = {
  readonly environment: string;
  /** Who received the one and presented the other. */
  readonly service: string;
  readonly next: GraphNode;
  readonly operation: string | null;
  readonly received: CredentialProfile;
  readonly presented: CredentialProfile;
  /** Whether both are of one subject; null where one of them does not say. */
  readonly isSameSubject: boolean | null;
  readonly outcome: Outcome;
  readonly count: number;
  readonly seenMs: number;
  readonly evidence: Evidence;
};

/** What tells one exchange from another, as text. */
export function exchangeKey({ environment, service, next, operation, ...rest }: Exchange): string {
  const { received, presented, isSameSubject, outcome } = rest;
  return JSON.stringify([environment, service, next, operation, received, presented, isSameSubject, outcome]);
}

/**
 * What should be unique was seen twice: a token's id (`iss` and `jti`) on two different tokens, a proof (key and `jti`)
 * on two hops, a transaction (`txn`) in two traces that no link joins. The evidence is of the second. Or a token was used
 * after its time: the pod that it is bound to had ended, as far as spans can tell (`ended-pod`).
 */
export type Reuse = {
  readonly kind: "token-id" | "proof" | "transaction" | "ended-pod";
  readonly environment: string;
  readonly presenter: string | null;
  readonly recipient: GraphNode;
  readonly operation: string | null;
  readonly credential: CredentialProfile;
  readonly outcome: Outcome;
  /** Between first and second, the spans' own times; from when the pod was heard last, where it had ended. */
  readonly apartMs: number;
  readonly count: number;
  readonly seenMs: number;
  readonly evidence: Evidence;
};

/** What tells one reuse from another, as text. */
export function reuseKey({ kind, environment, presenter, recipient, operation, credential, outcome }: Reuse): string {
  return JSON.stringify([kind, environment, presenter, recipient, operation, credential, outcome]);
}

/** Something about the telemetry itself, once per distinct set of the fields above `count`. */
export type TelemetrySighting = {
  readonly kind: "raw-credential" | "identity-conflict" | "untrusted-parent" | "name-conflict" | "sender";
  readonly environment: string;
  readonly service: string;
  /**
   * The attribute, event or field concerned, or what the conflict is with; never a value. Of a `sender` who it proved to
   * be, "" where it was asked and proved nothing.
   */
  readonly detail: string;
  readonly count: number;
  readonly seenMs: number;
  readonly evidence: Evidence;
};

/** What tells one sighting from another, as text. */
export function telemetryKey({ kind, environment, service, detail }: TelemetrySighting): string {
  return JSON.stringify([kind, environment, service, detail]);
}

/** A service that sent spans. */
export type ServiceSighting = {
  readonly environment: string;
  readonly service: string;
  readonly runtime: string | null;
  readonly release: string | null;
  readonly spanCount: number;
  /** Spans of kind server or consumer, and how many of them showed a credential fact. */
  readonly inboundCount: number;
  readonly inboundCredentialCount: number;
  readonly outboundCount: number;
  readonly outboundCredentialCount: number;
  /** True where its resources name pod and node. */
  readonly isInPods?: boolean;
  readonly seenMs: number;
};

/** Everything the assembler learned since the last time it was asked. */
export type Facts = {
  readonly newShapes: readonly NewShape[];
  readonly counts: readonly ShapeCount[];
  readonly relays: readonly Relay[];
  readonly presentations: readonly Presentation[];
  readonly exchanges: readonly Exchange[];
  readonly reuses: readonly Reuse[];
  readonly telemetry: readonly TelemetrySighting[];
  readonly services: readonly ServiceSighting[];
  readonly aliases: readonly AliasSighting[];
};

/** Running totals and gauges of the assembler; names are those of the metrics. */
export type AssemblerFigures = {
  readonly spans: number;
  readonly duplicates: number;
  readonly waiting: number;
  readonly unresolvedOut: number;
  readonly unseenCallers: number;
  readonly unseenCallersTotal: number;
  readonly unresolvedLinks: number;
  readonly unresolvedServices: number;
  readonly late: number;
  readonly retracted: number;
  readonly evicted: number;
  readonly overflowed: number;
  readonly shapes: number;
  readonly windowMs: number;
};
