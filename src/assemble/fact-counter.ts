// Hot path: once per hop that is a relay or an exchange. Objects are made only for what is new, and when facts are taken.

import { TupleTable } from "./tuple-table.ts";

type Counted<Fact> = { readonly fact: Fact; readonly count: number; readonly seenMs: number; readonly largest: number };
type Row<Fact> = { -readonly [Key in keyof Counted<Fact>]: Counted<Fact>[Key] };

type Options<Context, Fact> = {
  /** How many integers tell one fact from another. */
  readonly width: number;
  readonly sizeMax: number;
  readonly spell: (context: Context) => Fact;
};

/** Facts by the integers that tell one from another; one like an earlier one only counts. */
export class FactCounter<Context, Fact> {
  readonly #options: Options<Context, Fact>;
  readonly #tuples = new TupleTable(256);
  readonly #rows: Row<Fact>[] = [];
  readonly #dirty = new Set<Row<Fact>>();
  /** The integers of the fact that is counted next. */
  readonly tuple: Int32Array;
  overflows = 0;

  constructor(options: Options<Context, Fact>) {
    this.#options = options;
    this.tuple = new Int32Array(options.width);
  }

  /** Whether only facts like earlier ones still count. */
  get isFull(): boolean {
    return this.#tuples.size >= this.#options.sizeMax;
  }

  /** Counts the fact of {@link tuple}, so many times; `size` is of this one, the largest is told. */
  count(context: Context, seenMs: number, size = 0, times = 1): void {
    const { width, spell } = this.#options;
    if (this.isFull && this.#tuples.find(this.tuple, width) < 0) {
      this.overflows++;
      return;
    }
    const number = this.#tuples.add(this.tuple, width);
    const row = this.#rows[number];
    if (row === undefined) {
      this.#rows[number] = { fact: spell(context), count: times, seenMs, largest: size };
      this.#dirty.add(this.#rows[number]);
      return;
    }
    // Told with an example of this time, not of the first time ever.
    if (row.count === 0) row.fact = spell(context);
    row.largest = row.count === 0 ? size : Math.max(row.largest, size);
    row.count += times;
    row.seenMs = seenMs;
    this.#dirty.add(row);
  }

  /** What was counted since the last call. */
  take(): Counted<Fact>[] {
    const counted = [...this.#dirty].map((row) => ({ ...row }));
    for (const row of this.#dirty) row.count = 0;
    this.#dirty.clear();
    return counted;
  }
}
