import type { Baseline, IdentityDeclaration } from "../model/baseline.ts";
import type { NewShape } from "../model/facts.ts";
import type { IdentityFinder } from "./identity-finder.ts";

/** When each identity that takes another one's place was first presented, as far as this run knows. */
export class Successors {
  readonly #names: ReadonlySet<string>;
  readonly #finder: IdentityFinder;
  readonly #firstMs = new Map<string, number>();

  constructor({ identities }: Baseline, finder: IdentityFinder) {
    this.#names = new Set([...identities.values()].flatMap(({ successor }) => successor ?? []));
    this.#finder = finder;
  }

  /** Takes in a shape's first use; true where it shows a successor for the first time. */
  note({ shape, evidence }: NewShape): boolean {
    if (this.#names.size === 0) return false;
    let isNews = false;
    for (const { name } of this.#finder.presented(shape.credential, shape.peer)) {
      if (!this.#names.has(name)) continue;
      const known = this.#firstMs.get(name);
      isNews ||= known === undefined;
      this.#firstMs.set(name, Math.min(known ?? evidence.atMs, evidence.atMs));
    }
    return isNews;
  }

  /** When an identity's successor was first seen; null where it has none, or that was not seen. */
  firstSeenMs({ successor }: IdentityDeclaration): number | null {
    return successor === null ? null : (this.#firstMs.get(successor) ?? null);
  }
}
