import type { Alert, AlertStatus, AuditRow } from "./alert.ts";
import type { AliasSighting } from "./alias.ts";
import type { CredentialProfile } from "./credential.ts";
import type {
  Exchange,
  NewShape,
  Presentation,
  Relay,
  Reuse,
  ServiceSighting,
  ShapeCount,
  TelemetrySighting,
} from "./facts.ts";
import type { RuleId, Severity } from "./finding.ts";
import type { NodeKind, Shape } from "./graph.ts";
import type { IdentityUse } from "./identity.ts";
import type { Memory, RememberedPairs, RememberedProducers, RememberedUses } from "./memory.ts";
import type { ObservedGraph } from "./observed-graph.ts";
import type { SpanBatch } from "./span-batch.ts";

/**
 * What came in, in order: the spans of one export request, or only the passing of time (`batch` null).
 * Assembling is a function of these rows alone, so a collector that was killed reads them again and goes on.
 */
export type JournalRow = {
  /** Collector time, ms: it advances with these rows and stands still while no collector runs. */
  readonly atMs: number;
  readonly batch: SpanBatch | null;
  /** 32 hex characters of a digest over the request's bytes, by which one that is sent again is known. */
  readonly digest: string | null;
};

/** A shape of earlier runs, how many hops are counted on it, and when the last of them was seen, where that is known. */
export type CountedShape = NewShape & { readonly count: number; readonly lastSeenMs?: number };

/** Everything one group commit writes, in one transaction: all of it or nothing. */
export type CommitBatch = Memory & {
  readonly journal: readonly JournalRow[];
  readonly newShapes: readonly NewShape[];
  readonly counts: readonly ShapeCount[];
  readonly relays: readonly Relay[];
  readonly presentations: readonly Presentation[];
  readonly exchanges: readonly Exchange[];
  readonly reuses: readonly Reuse[];
  readonly telemetry: readonly TelemetrySighting[];
  readonly services: readonly ServiceSighting[];
  readonly aliases: readonly AliasSighting[];
  readonly identityUses: readonly IdentityUse[];
  readonly alerts: readonly Alert[];
  readonly audit: readonly AuditRow[];
  /** Baselines that came into force, in order: with them is written what they changed. */
  readonly baselines: readonly BaselineRevision[];
};

/** A commit that writes nothing. */
export const EMPTY_COMMIT: CommitBatch = {
  journal: [],
  newShapes: [],
  counts: [],
  relays: [],
  presentations: [],
  exchanges: [],
  reuses: [],
  telemetry: [],
  services: [],
  aliases: [],
  identityUses: [],
  alerts: [],
  audit: [],
  baselines: [],
  producers: [],
  pairs: [],
  uses: [],
};

/** A baseline as it was loaded: its files' texts, kept so that a verdict can name the revision it rests on. */
export type BaselineRevision = {
  readonly revision: string;
  readonly loadedAtMs: number;
  readonly files: readonly { readonly path: string; readonly text: string }[];
};

export type TimeRange = { readonly fromMs: number | null; readonly toMs: number | null };

/** `observe edges -o json`, a row an edge; counts are sums over the hops in the time range. */
export type ObservedEdge = {
  readonly environment: string;
  readonly caller: string;
  readonly callerKind: NodeKind;
  readonly callee: string;
  readonly calleeKind: NodeKind;
  readonly type: "direct" | "logical" | "destination" | "proxied";
  readonly via: string | null;
  readonly operations: readonly string[];
  readonly audiences: readonly string[];
  /** The best class among the hops. */
  readonly confidence: string;
  readonly count: number;
  /** How many calls the counted hops stand for, rounded: the same number unless senders sample. */
  readonly estimated: number;
  readonly counts: {
    readonly paired: number;
    readonly parent: number;
    readonly link: number;
    readonly alias: number;
    readonly peer: number;
    readonly root: number;
  };
  /** ISO 8601, UTC. */
  readonly firstSeen: string;
  readonly lastSeen: string;
};

/** `observe aliases`, a row an address that services answered for. */
export type ObservedAlias = {
  readonly environment: string;
  readonly address: string;
  /** `alias`: it is another name of one service. `gateway-candidate`: several answered for it, so it names none. */
  readonly meaning: "alias" | "gateway-candidate";
  readonly services: readonly string[];
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
};

export type ObservedService = {
  readonly environment: string;
  readonly service: string;
  readonly runtime: string | null;
  readonly release: string | null;
  readonly spans: number;
  readonly inbound: number;
  readonly inboundWithCredential: number;
  readonly outbound: number;
  readonly outboundWithCredential: number;
  /** True where its resources name pod and node. */
  readonly isInPods: boolean;
  readonly firstSeen: string;
  readonly lastSeen: string;
};

/** A family of credentials, alike in all that is known of them, and where it was seen. */
export type ObservedCredential = Omit<
  CredentialProfile,
  "isVerified" | "possession" | "companions" | "actors" | "audiences"
> & {
  readonly environment: string;
  readonly audiences: readonly string[];
  readonly presenters: readonly string[];
  readonly recipients: readonly string[];
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
};

/** A shape, and how often and when it was seen in a range; its callee by the name of its service where that is known. */
export type SeenShape = {
  readonly shape: Shape;
  readonly count: number;
  /** As in {@link ObservedEdge}. */
  readonly estimated: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
};

export type AlertFilter = {
  readonly statuses: readonly AlertStatus[] | null;
  readonly rules: readonly RuleId[] | null;
  readonly minSeverity: Severity | null;
  readonly environment: string | null;
  /** Matches caller or callee. */
  readonly service: string | null;
  readonly owner: string | null;
};

/** Every alert there is, whatever its status. */
export const EVERY_ALERT: AlertFilter = {
  statuses: null,
  rules: null,
  minSeverity: null,
  environment: null,
  service: null,
  owner: null,
};

/** How long a request is known by its digest; no exporter retries longer. */
export const DIGESTS_KEPT_MS = 10 * 60_000;

/** What is older may be forgotten; ms since 1970. */
export type Cutoffs = {
  /** Of hourly counts, by their hour, and of relays, exchanges, reuses and sightings, by when they were last seen. */
  readonly countsMs: number;
  /** Of presentations, by the credential's end or when it was last told of, whichever is later. */
  readonly fingerprintsMs: number;
  /** Of how identities were used, by when that was last. */
  readonly identitiesMs: number;
  /** Of remembered producers, in collector time. */
  readonly producersMs: number;
};

/** Questions that reading commands ask; answered from committed data only. */
export type StoreReader = {
  /** All but the proxied ones, with callees that are known by their address under the name of their service. */
  readonly edges: (range: TimeRange) => Promise<readonly ObservedEdge[]>;
  /** From who called a proxy to who answered behind it. */
  readonly proxiedEdges: (range: TimeRange) => Promise<readonly ObservedEdge[]>;
  /**
   * The edges as they were counted, but for the proxied ones, and all that is known of addresses, to be merged with
   * other collectors' graphs.
   */
  readonly graph: (range: TimeRange) => Promise<ObservedGraph>;
  /** All that is known of addresses. */
  readonly aliasSightings: () => readonly AliasSighting[];
  /** What the addresses seen in the range mean now, sorted by environment and address. */
  readonly aliases: (range: TimeRange) => Promise<readonly ObservedAlias[]>;
  readonly services: (range: TimeRange) => Promise<readonly ObservedService[]>;
  /** How much each service sent in each hour from this time on; seen at the hour's beginning. */
  readonly serviceHours: (fromMs: number) => readonly ServiceSighting[];
  /** When the first span of all came, ms since 1970; null where none did. */
  readonly observedSinceMs: () => number | null;
  readonly credentials: (range: TimeRange) => Promise<readonly ObservedCredential[]>;
  /** Newest last-seen first. */
  readonly alerts: (filter: AlertFilter) => Promise<readonly Alert[]>;
  /** By id, by a unique prefix of the id (4 or more characters), or by key; null when none matches. */
  readonly alert: (idOrKey: string) => Promise<Alert | null>;
  /**
   * Every alert, for the one who writes them: findings of closed ones, and all evidence, are read when first asked for.
   * Until then nobody else may write, and the store must stay open.
   */
  readonly bookedAlerts: () => readonly Alert[];
  readonly audit: (alertId: string) => Promise<readonly AuditRow[]>;
  /** Every shape with an example, so that a baseline can be judged against what earlier runs saw. */
  readonly shapes: () => Promise<readonly CountedShape[]>;
  /** The shapes with hops in the hours of a range, the proxied ones left out. */
  readonly seenShapes: (range: TimeRange) => Promise<readonly SeenShape[]>;
  /** Journal rows from this collector time on, oldest first; what is older has been forgotten, or soon will be. */
  readonly journal: (fromMs: number) => Iterable<JournalRow>;
  /** The newest journal row's time; null for a journal without rows. */
  readonly journalEndMs: () => number | null;
  /** Digests of the requests taken since. */
  readonly digests: (fromMs: number) => ReadonlyMap<string, number>;
  /** What of those requests was answered otherwise than with a plain OK. */
  /** Remembered producers, from this collector time on and perhaps some before, oldest first. */
  readonly producers: (fromMs: number) => Iterable<RememberedProducers>;
  /** Remembered pairs of credentials, all that are still known, oldest first. */
  readonly pairs: () => Iterable<RememberedPairs>;
  /** Remembered uses of ids, all that are still known, oldest first. */
  readonly uses: () => Iterable<RememberedUses>;
  /** How identities were used over all time. */
  readonly identityUses: () => readonly IdentityUse[];
  /** The hops told of each pair of a fingerprint, by `pairKey`. */
  readonly pairCounts: (fingerprint: string) => ReadonlyMap<string, number>;
  /** The relays seen last, at most so many, oldest first; their counts are 0. */
  readonly relays: (countMax: number) => Promise<readonly Relay[]>;
  /** The exchanges likewise. */
  readonly exchanges: (countMax: number) => Promise<readonly Exchange[]>;
  /** What was used twice last, at most so many, oldest first; counts are those of all times. */
  readonly reuses: (countMax: number) => Promise<readonly Reuse[]>;
  /** What was seen of the telemetry itself, likewise. */
  readonly telemetry: (countMax: number) => Promise<readonly TelemetrySighting[]>;
  readonly latestBaseline: () => Promise<BaselineRevision | null>;
  readonly close: () => void;
};

/** The one door to storage. Promises at batch level; a rejected commit has changed nothing. */
export type Store = StoreReader & {
  /** Counts of shapes known before may be held back from other readers for a second or two, but are lasting at once. */
  readonly commit: (batch: CommitBatch) => Promise<void>;
  /** Whether counts are held back; every commit brings some of them forward, also an empty one. */
  readonly isHolding: () => boolean;
  /** Resolves once everything committed before survives a power cut; only then may anybody be told. */
  readonly sync: () => Promise<void>;
  /** Forgets a little of what is too old; resolves to whether there may be more of it. */
  readonly forget: (cutoffs: Cutoffs) => Promise<boolean>;
};
