import type { Finding, FindingHit } from "../model/finding.ts";
import type { Evidence } from "../model/graph.ts";
import { difference } from "./hit-difference.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isSince } from "./known-shapes.ts";
import { underDeclarations } from "./under-declarations.ts";

/** One finding on a fact, how many hops of the fact show it, and which of them is the example. */
export type Judged = { readonly finding: Finding; readonly count: number; readonly evidence: Evidence | null };

type Kind<Fact> = {
  /** Equal for two facts that are one, told twice. */
  readonly key: (fact: Fact) => string;
  /** A fact with all that was told of it before. */
  readonly merge: (known: Fact, told: Fact) => Fact;
  /** The same with nothing new. */
  readonly again: (fact: Fact) => Fact;
  readonly judge: (fact: Fact, context: JudgeContext) => readonly Judged[];
};

type Told<Fact> = { readonly fact: Fact; readonly hits: readonly FindingHit[] };

type Counted = { readonly count: number; readonly seenMs: number; readonly evidence: Evidence | null };

/**
 * Facts of one kind that are kept to be judged again when the baseline changes; past it the oldest gives way on which
 * nothing was found, so that nobody buries drift under what is none.
 */
export const KEPT_MAX = 10_000;

/** Facts of one kind, each with what was found on it, so that what is told once more only changes counts. */
export class ToldFacts<Fact extends { readonly seenMs: number }> {
  readonly #kind: Kind<Fact>;
  readonly #told = new Map<string, Told<Fact>>();
  /** Keys of those on which nothing was found, oldest first. */
  readonly #plain = new Set<string>();

  constructor(kind: Kind<Fact>) {
    this.#kind = kind;
  }

  all(): readonly Fact[] {
    return [...this.#told.values()].map(({ fact }) => fact);
  }

  /** What is known of the fact with this key. */
  find(key: string): Fact | undefined {
    return this.#told.get(key)?.fact;
  }

  /** Takes a fact in; the hits make of what was found before what is found now. */
  tell(told: Fact, context: JudgeContext): readonly FindingHit[] {
    const key = this.#kind.key(told);
    const before = this.#told.get(key);
    const fact = before === undefined ? told : this.#kind.merge(before.fact, told);
    const { seenMs } = told;
    const hits = this.#kind
      .judge(fact, context)
      .filter(({ finding }) => isSince(finding, seenMs))
      .map((judged) => ({ ...judged, firstSeenMs: seenMs, lastSeenMs: seenMs }));
    this.#keep(key, { fact, hits });
    return difference(before?.hits ?? [], hits);
  }

  /** Judges a known fact again, for what it means may have changed. */
  tellAgain(fact: Fact, context: JudgeContext): readonly FindingHit[] {
    return this.tell(this.#kind.again(fact), context);
  }

  /** What is found on a known fact. */
  hitsOn(fact: Fact): readonly FindingHit[] {
    return this.#told.get(this.#kind.key(fact))?.hits ?? [];
  }

  #keep(key: string, told: Told<Fact>): void {
    this.#told.delete(key);
    this.#told.set(key, told);
    this.#plain.delete(key);
    if (told.hits.length === 0) this.#plain.add(key);
    if (this.#told.size <= KEPT_MAX) return;
    const [oldest = key] = this.#plain.size > 0 ? this.#plain : this.#told.keys();
    this.#plain.delete(oldest);
    this.#told.delete(oldest);
  }
}

/** Facts of which each finding is about all hops. */
export function factsOf<Fact extends Counted>(
  key: (fact: Fact) => string,
  judge: (fact: Fact, context: JudgeContext) => readonly Finding[],
): ToldFacts<Fact> {
  return new ToldFacts<Fact>({
    key,
    merge: (known, told) => ({ ...told, count: told.count + known.count }),
    again: (fact) => ({ ...fact, count: 0 }),
    judge: (fact, context): readonly Judged[] =>
      underDeclarations(judge(fact, context), context).map((finding) => ({
        finding,
        count: fact.count,
        evidence: fact.evidence,
      })),
  });
}
