import type { CredentialProfile } from "./credential.ts";
import type { GraphNode } from "./graph.ts";

/** Who sent spans, down to release and runtime. */
export type SenderIdentity = {
  readonly service: string;
  readonly environment: string;
  readonly release: string | null;
  readonly runtime: string | null;
};

/** Where messages are published to, and what publishing there is called; null where no operation was named. */
export type Destination = { readonly node: GraphNode; readonly publishOperation: string | null };

/**
 * Producer spans that links may name long after the window, as far as they came since the last commit: a row each, in
 * columns, with the dictionaries that their small integers point into.
 */
export type RememberedProducers = {
  /** Collector time at which each came, rising. */
  readonly atMs: Float64Array;
  /** Four words a row: the low half of the trace id, the span id. */
  readonly ids: Uint32Array;
  /** Index into `senders`. */
  readonly senderIndexes: Uint32Array;
  /** Index into `destinations`, or -1. */
  readonly destinationIndexes: Int32Array;
  readonly senders: readonly SenderIdentity[];
  readonly destinations: readonly Destination[];
};

/**
 * Pairs on which credentials were presented, a row each, of the fingerprints that showed something new since the last
 * commit. A later row of the same fingerprint and pair holds all that an earlier one did.
 */
export type RememberedPairs = {
  /** Collector time at which the table that they stand in was begun; what earlier tables held is forgotten. */
  readonly generationMs: number;
  /** Four words a row. */
  readonly fingerprints: Uint32Array;
  /** Index into `senders`, or -1 where the presenter was not seen. */
  readonly presenterIndexes: Int32Array;
  readonly recipientIndexes: Uint32Array;
  readonly environmentIndexes: Uint32Array;
  readonly profileIndexes: Uint32Array;
  /** What the pair has shown, in the assembler's own bits. */
  readonly bits: Uint8Array;
  /** 1 where every use of the fingerprint is to be reported. */
  readonly isWatched: Uint8Array;
  readonly firstMs: Float64Array;
  /** Seconds since 1970; not a number where the credential does not say. */
  readonly expiresAtS: Float64Array;
  /** Eight words a row, of the pair's first example: trace id (4), caller's and callee's span ids (2 each). */
  readonly ids: Uint32Array;
  readonly senders: readonly SenderIdentity[];
  readonly recipients: readonly GraphNode[];
  readonly environments: readonly string[];
  readonly profiles: readonly CredentialProfile[];
};

/**
 * Ids that should be used once, a row each, with the earliest use that is known, as far as that changed since the last
 * commit. A later row of the same id holds all that an earlier one did.
 */
export type RememberedUses = {
  /** Collector time at which the table that they stand in was begun; what earlier tables held is forgotten. */
  readonly generationMs: number;
  /** {@link CREDENTIAL_ID} of `span-batch.ts`. */
  readonly kinds: Uint8Array;
  /** Four words a row: the keyed hash of the id. */
  readonly hashes: Uint32Array;
  /** Four words a row; zero where the credential has none. */
  readonly fingerprints: Uint32Array;
  /** Index into `senders`, or -1 where the presenter was not seen. */
  readonly presenterIndexes: Int32Array;
  readonly recipientIndexes: Uint32Array;
  readonly environmentIndexes: Uint32Array;
  /** Index into `operations`, or -1. */
  readonly operationIndexes: Int32Array;
  readonly profileIndexes: Uint32Array;
  /** In the assembler's own numbers. */
  readonly outcomes: Uint8Array;
  /** Start of the use, the spans' own time. */
  readonly startMs: Float64Array;
  /** Twelve words a row, of the use: trace id (4), caller's, callee's, the caller's parent's and the calling span's ids (2 each). */
  readonly ids: Uint32Array;
  /** Four words a row: the low halves of two traces that a span link joins. */
  readonly joins: Uint32Array;
  readonly senders: readonly SenderIdentity[];
  readonly recipients: readonly GraphNode[];
  readonly environments: readonly string[];
  readonly operations: readonly string[];
  readonly profiles: readonly CredentialProfile[];
};

/** What was learned since the last commit that has to be known longer than the window, also by the next run. */
export type Memory = {
  readonly producers: readonly RememberedProducers[];
  readonly pairs: readonly RememberedPairs[];
  readonly uses: readonly RememberedUses[];
};
