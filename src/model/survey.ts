import type { Identity } from "./identity.ts";

/** How much of the traffic an answer rests on: every number of it is a lower bound. */
export type SurveyConfidence = {
  /** Calls between services. */
  readonly hops: number;
  /** Of these, the share that shows the whole credential; null without calls. */
  readonly visibleShare: number | null;
  /** Of the calls that these stand for, the share that was counted: 1 unless senders sample. */
  readonly sampledShare: number | null;
  /** Of the services, the share whose senders all proved who they are, and may send for them by the baseline. */
  readonly attestedShare: number;
};

/** Services, and what they weigh: 1, 2, 4 or 8 each, by the criticality that the baseline declares. */
export type Reach = { readonly services: readonly string[]; readonly weight: number };

/** Credentials of one kind, and how many services one of them would open. */
export type Contribution = { readonly credentials: string; readonly services: number };

/** `observe identities`: a machine client, workload identity or static key. */
export type ObservedIdentity = Identity & {
  /** Its name in the baseline; null where no entry matches. */
  readonly declaredAs: string | null;
  readonly owner: string | null;
  /** What people use, by the baseline. */
  readonly isHuman: boolean;
  readonly retired: string | null;
  readonly presenters: readonly string[];
  readonly recipients: readonly string[];
  readonly environments: readonly string[];
  readonly count: number;
  readonly refused: number;
  /** ISO 8601, UTC. */
  readonly firstSeen: string;
  readonly lastSeen: string;
};

/** `observe blast-radius`: what one service or identity could do, in one environment. */
export type BlastRadius = {
  readonly of: "service" | "identity";
  readonly name: string;
  readonly environment: string;
  readonly confidence: SurveyConfidence;
  /** Who accepted its calls. */
  readonly direct: Reach;
  /** Where its credentials would be accepted, used there or not; bound ones, which need their key as well, apart. */
  readonly acceptance: Reach;
  readonly acceptanceOfBound: Reach;
  /** Null where nothing is declared about it. */
  readonly declared: {
    readonly services: readonly string[];
    /** Within reach, and not declared. */
    readonly excess: Reach;
    /** Declared, and never seen. */
    readonly unused: readonly string[];
    /** Unused of all that is declared; null where that is nothing. */
    readonly overprivilege: number | null;
  } | null;
  /** Who presented or received its credentials; of a service, the credentials' kinds that it held are `through`. */
  readonly holders: readonly string[];
  readonly presenters: readonly string[];
  readonly environments: readonly string[];
  /** What whoever takes it over comes to, in one step, two, three, and in any number (`steps` null). */
  readonly compromise: readonly (Reach & { readonly steps: number | null })[];
  readonly through: readonly Contribution[];
  /** Tokens seen at it that open more than one service; null where no token was told apart. */
  readonly harvest: { readonly tokensPerHour: number; readonly userTokensPerDay: number } | null;
  /** How long tokens still lived when they were first presented, in seconds; null where none says. */
  readonly exposure: { readonly p50S: number; readonly p95S: number; readonly tokenHours: number } | null;
  readonly staticSecrets: readonly { readonly credentials: string; readonly ageDays: number }[];
  /** Of it and of all services in any number of steps. */
  readonly datastores: readonly string[];
  readonly egress: readonly string[];
  /** How much reach is lost when it stops relaying and has an audience of its own; null for identities. */
  readonly choke: number | null;
  /** For sorting only. */
  readonly composite: number;
};

/** `observe fix-first`: what one service could stop doing, and how much reach would be lost. */
export type FixFirst = {
  readonly environment: string;
  readonly service: string;
  readonly score: number;
  /** Reach lost when it stops relaying, and to whom it relays. */
  readonly relayLost: number;
  readonly relaysTo: readonly string[];
  /** Reach lost when it has an audience of its own, and the audiences that it shares. */
  readonly splitLost: number;
  readonly sharedAudiences: readonly string[];
  readonly confidence: SurveyConfidence;
};

export const WEAKNESSES = [
  "no credential",
  "plaintext bearer",
  "static credential",
  "over-broad audience",
  "long lifetime",
  "changed in transit",
  "never refused",
  "no scopes",
  "no mTLS",
] as const;
/** What a door may lack. The last three are only told where others of the same issuer's have it. */
export type Weakness = (typeof WEAKNESSES)[number];

/** `observe posture`: what is seen on the calls of one service with one issuer's credentials. */
export type PostureRow = {
  readonly environment: string;
  readonly service: string;
  /** Null for credentials that say nothing of an issuer, and for calls without any. */
  readonly issuer: string | null;
  readonly methods: readonly string[];
  readonly audiences: readonly string[];
  /** Whether a token for an audience that is never accepted was refused. */
  readonly hasRefusedAudience: boolean;
  readonly scopes: readonly string[];
  readonly mtls: "always" | "sometimes" | "never seen";
  readonly lifetimeMaxS: number | null;
  readonly weaknesses: readonly Weakness[];
  /** The weaknesses that most other services of this issuer do not have: the one lax door among strict ones. */
  readonly laxIn: readonly Weakness[];
  readonly count: number;
  readonly refused: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
};
