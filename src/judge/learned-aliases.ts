import { type AddressBook, type AliasSighting, aliasedService, aliasKey, createAddressBook } from "../model/alias.ts";
import type { GraphNode } from "../model/graph.ts";
import { addSightings } from "../model/observed-graph.ts";

/** How often what has become too old is looked for. */
const SWEEP_MS = 3_600_000;

/** What hops have shown of addresses, over all baselines: which of them are other names of services. */
export class LearnedAliases {
  readonly #sightings = new Map<string, AliasSighting>();
  /** Whoever answered for each address, ever. */
  readonly #answerers = new Map<string, Set<string>>();
  #book: AddressBook = new Map();
  #sweepMs = Number.NEGATIVE_INFINITY;

  /** `sightings` are those of earlier runs. */
  constructor(sightings: readonly AliasSighting[] = []) {
    for (const sighting of sightings) this.#add(sighting);
    this.#book = createAddressBook(this.#sightings.values());
  }

  /** The service that an external node is another name of, or null. */
  serviceOf(environment: string, node: GraphNode): string | null {
    return aliasedService(this.#book, environment, node);
  }

  /** The services that ever answered for an address, however long ago. */
  answerers(environment: string, address: string): readonly string[] {
    return [...(this.#answerers.get(aliasKey(environment, address)) ?? [])];
  }

  /**
   * Takes in what hops showed; returns the keys (`aliasKey`) of the addresses that mean something else now. `before`
   * is told of them while they still mean what they did.
   */
  learn(
    sightings: readonly AliasSighting[],
    before: (changing: ReadonlySet<string>) => void = () => undefined,
  ): ReadonlySet<string> {
    let isNews = false;
    for (const sighting of sightings) if (this.#add(sighting)) isNews = true;
    if (!isNews) return new Set();
    const [old, next] = [this.#book, createAddressBook(this.#sightings.values())];
    const keys = new Set([...old.keys(), ...next.keys()]);
    const changing = new Set([...keys].filter((key) => meaning(old, key) !== meaning(next, key)));
    if (changing.size > 0) before(changing);
    this.#book = next;
    return changing;
  }

  /** Whether it can change what some address means: most only say once more what is known. */
  #add(sighting: AliasSighting): boolean {
    const address = aliasKey(sighting.environment, sighting.address);
    const key = `${address}\n${sighting.service}`;
    const added = addSightings(this.#sightings.get(key), sighting);
    this.#sightings.set(key, added);
    this.#keepAnswerer(address, added);
    const isKnown = (this.#book.get(address) ?? []).some(({ service }) => service === sighting.service);
    if (isKnown === added.count > 0 && added.lastSeenMs < this.#sweepMs) return false;
    this.#sweepMs = Math.max(this.#sweepMs, added.lastSeenMs + SWEEP_MS);
    return true;
  }

  #keepAnswerer(address: string, { service, count }: AliasSighting): void {
    const answerers = this.#answerers.get(address) ?? new Set<string>();
    if (count > 0) this.#answerers.set(address, answerers.add(service));
    else answerers.delete(service);
  }
}

function meaning(book: AddressBook, key: string): string | null {
  const [only, another] = book.get(key) ?? [];
  return another === undefined ? (only?.service ?? null) : null;
}
