import type { RememberedUses } from "../model/memory.ts";
import { Dictionary } from "./dictionary.ts";
import type { Interner } from "./interner.ts";
import type { PairNames } from "./pair-memory.ts";
import { createUse, type Use } from "./use-table.ts";

export type UseNames = PairNames & { readonly operations: Interner };

/** An id and its earliest use. */
export type UseRow = { readonly kind: number; readonly hash: Uint32Array; readonly use: Use };

type Told = { readonly generationMs: number; readonly joins: readonly number[] };

/** Rows → columns that mean the same to another run. */
export function packUses(rows: readonly UseRow[], { generationMs, joins }: Told, names: UseNames): RememberedUses {
  const { nodes, resources, operations, profile } = names;
  const senders = new Dictionary((number) => resources.identity(number));
  const recipients = new Dictionary((number) => nodes.node(number));
  const environments = new Dictionary((number) => resources.environment(number));
  const spelled = new Dictionary((number) => operations.name(number) ?? "");
  const profiles = new Dictionary(profile);
  const uses = rows.map(({ use }) => use);
  return {
    generationMs,
    kinds: Uint8Array.from(rows, ({ kind }) => kind),
    hashes: Uint32Array.from(rows.flatMap(({ hash }) => [...hash])),
    fingerprints: Uint32Array.from(uses.flatMap(({ fingerprint }) => [...fingerprint])),
    presenterIndexes: Int32Array.from(uses, ({ presenter }) => (presenter < 0 ? -1 : senders.index(presenter))),
    recipientIndexes: Uint32Array.from(uses, ({ recipient }) => recipients.index(recipient)),
    environmentIndexes: Uint32Array.from(uses, ({ environment }) => environments.index(environment)),
    operationIndexes: Int32Array.from(uses, ({ operation }) => (operation === 0 ? -1 : spelled.index(operation))),
    profileIndexes: Uint32Array.from(uses, (use) => profiles.index(use.profile)),
    outcomes: Uint8Array.from(uses, ({ outcome }) => outcome),
    startMs: Float64Array.from(uses, ({ startMs }) => startMs),
    ids: Uint32Array.from(uses.flatMap(({ ids }) => [...ids])),
    joins: Uint32Array.from(joins),
    senders: senders.values,
    recipients: recipients.values,
    environments: environments.values,
    operations: spelled.values,
    profiles: profiles.values,
  };
}

/** The rows that were packed, in this run's numbers; the use is the same object for all of them. */
export function* unpackUses(told: RememberedUses, names: UseNames): Generator<UseRow> {
  const { nodes, resources, operations, profileNumber } = names;
  const senders = told.senders.map((sender) => resources.number(sender));
  const recipients = told.recipients.map((recipient) => nodes.intern(recipient));
  const environments = told.environments.map((environment) => resources.partition(environment));
  const spelled = told.operations.map((operation) => operations.intern(operation));
  const profiles = told.profiles.map(profileNumber);
  const use = createUse();
  for (const [row, kind] of told.kinds.entries()) {
    use.presenter = pick(senders, told.presenterIndexes, row, -1);
    use.recipient = pick(recipients, told.recipientIndexes, row);
    use.environment = pick(environments, told.environmentIndexes, row);
    use.operation = pick(spelled, told.operationIndexes, row);
    use.profile = pick(profiles, told.profileIndexes, row);
    use.outcome = told.outcomes[row] ?? 0;
    use.startMs = told.startMs[row] ?? Number.NaN;
    use.fingerprint.set(told.fingerprints.subarray(row * 4, row * 4 + 4));
    use.ids.set(told.ids.subarray(row * 12, row * 12 + 12));
    yield { kind, hash: told.hashes.subarray(row * 4, row * 4 + 4), use };
  }
}

function pick(numbers: readonly number[], indexes: Int32Array | Uint32Array, row: number, none = 0): number {
  return numbers[indexes[row] ?? -1] ?? none;
}
