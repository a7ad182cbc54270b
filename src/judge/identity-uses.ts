import type { Shape } from "../model/graph.ts";
import { type IdentityUse, identityKey, machineIdentities } from "../model/identity.ts";

const HOUR_MS = 3_600_000;
/** Identities whose uses are remembered; of further ones nothing is said. */
const IDENTITIES_MAX = 50_000;

type Use = { -readonly [Field in keyof IdentityUse]: IdentityUse[Field] } & { writtenMs: number };

/** An identity that was used again, and how it had been used before. */
export type Reactivation = { readonly before: IdentityUse; readonly pauseMs: number };

/** When each machine identity was last presented, and for how long it has paused in between. */
export class IdentityUses {
  readonly #uses = new Map<string, Use>();
  /** What a shape's credentials speak for, so that counting a hop costs no more than a comparison. */
  readonly #ofShape = new WeakMap<Shape, readonly Use[]>();
  readonly #changed = new Set<Use>();

  /** Takes in what earlier runs wrote. */
  restore(uses: readonly IdentityUse[]): void {
    for (const use of uses) this.#uses.set(keyOf(use), { ...use, writtenMs: use.lastMs });
  }

  /** Takes in a shape of an earlier run; 0 where nobody knows when it was seen. */
  recall(shape: Shape, lastSeenMs: number): void {
    for (const use of this.#of(shape)) use.lastMs = Math.max(use.lastMs, lastSeenMs);
  }

  /** Takes in that hops of a shape were seen; whom that brings back after a day and longer. */
  see(shape: Shape, seenMs: number): readonly Reactivation[] {
    const again: Reactivation[] = [];
    for (const use of this.#of(shape)) {
      const pauseMs = use.lastMs === 0 ? 0 : seenMs - use.lastMs;
      if (pauseMs >= 24 * HOUR_MS) again.push({ before: { ...use }, pauseMs });
      use.longestPauseMs = Math.max(use.longestPauseMs, pauseMs);
      use.lastMs = Math.max(use.lastMs, seenMs);
      if (use.lastMs >= use.writtenMs + HOUR_MS) this.#changed.add(use);
    }
    return again;
  }

  /** What has to be written: uses that are an hour newer than what was written last. */
  take(): readonly IdentityUse[] {
    if (this.#changed.size === 0) return [];
    const taken = [...this.#changed].map(({ writtenMs: _, ...use }) => use);
    for (const use of this.#changed) use.writtenMs = use.lastMs;
    this.#changed.clear();
    return taken;
  }

  #of(shape: Shape): readonly Use[] {
    const known = this.#ofShape.get(shape);
    if (known !== undefined) return known;
    const { environment } = shape;
    const uses = machineIdentities(shape.credential).flatMap((identity) => this.#find({ environment, identity }) ?? []);
    this.#ofShape.set(shape, uses);
    return uses;
  }

  #find(of: Pick<IdentityUse, "environment" | "identity">): Use | null {
    const key = keyOf(of);
    const known = this.#uses.get(key);
    if (known !== undefined) return known;
    if (this.#uses.size >= IDENTITIES_MAX) return null;
    const use: Use = { ...of, lastMs: 0, longestPauseMs: 0, writtenMs: 0 };
    this.#uses.set(key, use);
    return use;
  }
}

function keyOf({ environment, identity }: Pick<IdentityUse, "environment" | "identity">): string {
  return `${environment}\n${identityKey(identity)}`;
}
