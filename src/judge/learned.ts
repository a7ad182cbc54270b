import type { ServiceSighting } from "../model/facts.ts";
import type { Shape } from "../model/graph.ts";
import { DatastoreUsers } from "./datastore-users.ts";
import { DisputedNames } from "./disputed-names.ts";
import type { NodeIn } from "./known-shapes.ts";
import { LearnedAliases } from "./learned-aliases.ts";
import { LearnedIdentities } from "./learned-identities.ts";
import { Visibility } from "./visibility.ts";

/** What judging learns from traffic, over all baselines, beside what is found on single shapes. */
export type Learned = {
  readonly aliases: LearnedAliases;
  readonly identities: LearnedIdentities;
  readonly visibility: Visibility;
  readonly datastores: DatastoreUsers;
  /** Their calls propose nothing. */
  readonly disputed: DisputedNames;
};

/**
 * What a book of these is taught. Its `concernedBy` says whose shapes may be judged otherwise once that has been learned,
 * so that they can be looked at before and after.
 */
export type Taught = { readonly shape: Shape } | { readonly service: ServiceSighting };

/** One of them that learns from shapes and from services that were heard. */
export type LearnedBook = {
  readonly concernedBy: (fact: Taught) => readonly NodeIn[];
  readonly learn: (fact: Taught) => void;
};

/** Nothing learned yet, but for what is handed in. */
export function createLearned(known: Partial<Learned> = {}): Learned {
  return {
    aliases: known.aliases ?? new LearnedAliases(),
    identities: known.identities ?? new LearnedIdentities(),
    visibility: known.visibility ?? new Visibility(),
    datastores: known.datastores ?? new DatastoreUsers(),
    disputed: known.disputed ?? new DisputedNames(),
  };
}
