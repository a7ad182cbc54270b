import type { GraphNode } from "./graph.ts";

/**
 * An address and the service that answered for it: both ends of such hops were seen. Facts hold what was counted or
 * taken back (negative) since the last ones; stored ones hold sums.
 */
export type AliasSighting = {
  /** Of both ends: an address that leads into another environment teaches nothing. */
  readonly environment: string;
  /** `host` or `host:port`, spelled like the node that stands for it while nobody answers. */
  readonly address: string;
  readonly service: string;
  readonly count: number;
  /** As in `ShapeCount`. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
};

/**
 * How long an address means a service after a hop that showed it, as measured by the newest such hop of all: an old
 * database reads today as it did when its last span came.
 */
export const ALIAS_KEPT_MS = 7 * 86_400_000;

/** What an address is looked up by. */
export function aliasKey(environment: string, address: string): string {
  return `${environment}\n${address}`;
}

/** By {@link aliasKey}. */
export type AddressBook = ReadonlyMap<string, readonly AliasSighting[]>;

/** Who answered for each address lately, sorted by service. */
export function createAddressBook(sightings: Iterable<AliasSighting>): AddressBook {
  const counted = [...sightings].filter(({ count }) => count > 0);
  const newestMs = counted.reduce((newest, { lastSeenMs }) => Math.max(newest, lastSeenMs), Number.NEGATIVE_INFINITY);
  const book = new Map<string, AliasSighting[]>();
  for (const sighting of counted) {
    if (sighting.lastSeenMs <= newestMs - ALIAS_KEPT_MS) continue;
    const key = aliasKey(sighting.environment, sighting.address);
    const entries = book.get(key);
    if (entries === undefined) book.set(key, [sighting]);
    else entries.push(sighting);
  }
  for (const entries of book.values()) entries.sort((one, other) => (one.service < other.service ? -1 : 1));
  return book;
}

/** The one service that a node's name is another name of; null where it is none, or hops to it do not agree. */
export function aliasedService(book: AddressBook, environment: string, { kind, name }: GraphNode): string | null {
  const [only, another] = kind === "external" ? (book.get(aliasKey(environment, name)) ?? []) : [];
  return another === undefined ? (only?.service ?? null) : null;
}
