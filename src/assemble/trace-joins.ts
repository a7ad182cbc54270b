// Not hot: only spans with links come here.

const TRACES_MAX = 100_000;

/** Which traces span links join, by the low halves of their ids; past the bound it begins again. */
export class TraceJoins {
  /** Each trace's forerunner; the last of a row of forerunners stands for all that are joined. */
  readonly #before = new Map<string, string>();
  #fresh: number[] = [];
  /** Set once somebody will ask also after a restart. */
  isRemembered = false;

  /** A span of one trace links to one of another. */
  join(traces: Uint32Array, t: number, linked: Uint32Array, l: number): void {
    const [one, other] = [this.#first(keyOf(traces, t)), this.#first(keyOf(linked, l))];
    if (one === other) return;
    if (this.#before.size >= TRACES_MAX) this.#before.clear();
    this.#before.set(one, other);
    if (this.isRemembered) this.#fresh.push(...wordsOf(traces, t), ...wordsOf(linked, l));
  }

  /** Whether two traces are one, or joined by any number of links. */
  areJoined(one: Uint32Array, other: Uint32Array): boolean {
    return this.#first(keyOf(one, 0)) === this.#first(keyOf(other, 0));
  }

  /** The low halves of the traces that were joined since the last call, two by two. */
  take(): number[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Joins again what was taken before. */
  restore(joins: Uint32Array): void {
    for (let at = 0; at + 4 <= joins.length; at += 4) {
      this.join(Uint32Array.of(0, 0, joins[at] ?? 0, joins[at + 1] ?? 0), 0, joins, at);
    }
  }

  #first(trace: string): string {
    let first = trace;
    for (let next = this.#before.get(first); next !== undefined; next = this.#before.get(first)) first = next;
    if (first !== trace) this.#before.set(trace, first);
    return first;
  }
}

/** The low half of a trace id is all that 64-bit systems send. */
function keyOf(words: Uint32Array, at: number): string {
  return wordsOf(words, at).join();
}

function wordsOf(words: Uint32Array, at: number): [number, number] {
  return [words[at + 2] ?? 0, words[at + 3] ?? 0];
}
