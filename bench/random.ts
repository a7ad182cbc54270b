/** A stream of pseudo-random numbers that one seed fixes. */
export type Random = {
  /** An integer from 0 to `bound - 1`. */
  readonly below: (bound: number) => number;
  /** True with this probability. */
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  /** Lower-case hex, `bytes` of it. */
  readonly hex: (bytes: number) => string;
};

/** Mulberry32 (public domain): small, fast, and the same on every machine. Not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound: number): number => word() % bound;
  return {
    below,
    chance: (probability) => word() < probability * 2 ** 32,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("cannot pick from nothing");
      return item;
    },
    hex: (bytes) => {
      let text = "";
      while (text.length < bytes * 2) text += word().toString(16).padStart(8, "0");
      return text.slice(0, bytes * 2);
    },
  };
}
