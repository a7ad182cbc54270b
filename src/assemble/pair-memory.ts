import type { CredentialProfile } from "../model/credential.ts";
import type { RememberedPairs } from "../model/memory.ts";
import { Dictionary } from "./dictionary.ts";
import type { NodeInterner } from "./interner.ts";
import type { PresentedHop } from "./presentation-table.ts";
import type { ResourceReader } from "./resource-reader.ts";

/** Where numbers of the assembler get their meaning, and meanings their numbers. */
export type PairNames = {
  readonly nodes: NodeInterner;
  readonly resources: ResourceReader;
  readonly profile: (id: number) => CredentialProfile;
  readonly profileNumber: (profile: CredentialProfile) => number;
};

/** One pair of a fingerprint as it is remembered. */
export type PairRow = Omit<PresentedHop, "fingerprint"> & {
  /** Four words. */
  readonly fingerprint: Uint32Array;
  /** Eight words of its first example. */
  readonly ids: Uint32Array;
  readonly isWatched: boolean;
};

/** Rows → columns that mean the same to another run. */
export function packPairs(rows: readonly PairRow[], generationMs: number, names: PairNames): RememberedPairs {
  const { nodes, resources, profile } = names;
  const senders = new Dictionary((number) => resources.identity(number));
  const recipients = new Dictionary((number) => nodes.node(number));
  const environments = new Dictionary((number) => resources.environment(number));
  const profiles = new Dictionary(profile);
  return {
    generationMs,
    fingerprints: joined(rows, 4, ({ fingerprint }) => fingerprint),
    presenterIndexes: Int32Array.from(rows, ({ presenter }) => (presenter < 0 ? -1 : senders.index(presenter))),
    recipientIndexes: Uint32Array.from(rows, ({ recipient }) => recipients.index(recipient)),
    environmentIndexes: Uint32Array.from(rows, ({ environment }) => environments.index(environment)),
    profileIndexes: Uint32Array.from(rows, (row) => profiles.index(row.profile)),
    bits: Uint8Array.from(rows, ({ bits }) => bits),
    isWatched: Uint8Array.from(rows, ({ isWatched }) => Number(isWatched)),
    firstMs: Float64Array.from(rows, ({ startMs }) => startMs),
    expiresAtS: Float64Array.from(rows, ({ expiresAtS }) => expiresAtS),
    ids: joined(rows, 8, ({ ids }) => ids),
    senders: senders.values,
    recipients: recipients.values,
    environments: environments.values,
    profiles: profiles.values,
  };
}

/** The rows that were packed, in this run's numbers. */
export function* unpackPairs(pairs: RememberedPairs, names: PairNames): Generator<PairRow> {
  const { nodes, resources, profileNumber } = names;
  const senders = pairs.senders.map((sender) => resources.number(sender));
  const recipients = pairs.recipients.map((recipient) => nodes.intern(recipient));
  const environments = pairs.environments.map((environment) => resources.partition(environment));
  const profiles = pairs.profiles.map(profileNumber);
  for (let row = 0; row < pairs.bits.length; row++) {
    yield {
      fingerprint: pairs.fingerprints.subarray(row * 4, row * 4 + 4),
      presenter: senders[pairs.presenterIndexes[row] ?? -1] ?? -1,
      recipient: recipients[pairs.recipientIndexes[row] ?? 0] ?? 0,
      environment: environments[pairs.environmentIndexes[row] ?? 0] ?? 0,
      startMs: pairs.firstMs[row] ?? 0,
      bits: pairs.bits[row] ?? 0,
      profile: profiles[pairs.profileIndexes[row] ?? 0] ?? 0,
      expiresAtS: pairs.expiresAtS[row] ?? Number.NaN,
      ids: pairs.ids.subarray(row * 8, row * 8 + 8),
      isWatched: pairs.isWatched[row] === 1,
    };
  }
}

function joined(rows: readonly PairRow[], width: number, wordsOf: (row: PairRow) => Uint32Array): Uint32Array {
  const words = new Uint32Array(rows.length * width);
  for (const [row, pair] of rows.entries()) words.set(wordsOf(pair), row * width);
  return words;
}
