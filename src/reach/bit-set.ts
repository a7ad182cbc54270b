/** A set of small numbers, as bits: thousands of sets of thousands of services are joined in no time. */
export type BitSet = Uint32Array;

/** An empty set that may hold the numbers below `size`. */
export function emptySet(size: number): BitSet {
  return new Uint32Array((size + 31) >>> 5);
}

/** Puts a number in. */
export function addTo(set: BitSet, number: number): void {
  set[number >>> 5] = (set[number >>> 5] ?? 0) | (1 << (number & 31));
}

/** Takes a number out. */
export function removeFrom(set: BitSet, number: number): void {
  set[number >>> 5] = (set[number >>> 5] ?? 0) & ~(1 << (number & 31));
}

/** Whether a number is in. */
export function isIn(set: BitSet, number: number): boolean {
  return ((set[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
}

/** Puts in all that another set holds; returns whether any of it is new. */
export function addAll(set: BitSet, other: BitSet): boolean {
  let isNew = 0;
  for (let word = 0; word < other.length; word++) {
    const [mine, theirs] = [set[word] ?? 0, other[word] ?? 0];
    isNew |= theirs & ~mine;
    set[word] = mine | theirs;
  }
  return isNew !== 0;
}

/** Takes out all that another set holds. */
export function removeAll(set: BitSet, other: BitSet): void {
  for (let word = 0; word < other.length; word++) set[word] = (set[word] ?? 0) & ~(other[word] ?? 0);
}

/** The numbers in a set, rising. */
export function* numbersIn(set: BitSet): Generator<number> {
  for (let word = 0; word < set.length; word++) {
    for (let bits = set[word] ?? 0; bits !== 0; bits &= bits - 1) yield word * 32 + 31 - Math.clz32(bits & -bits);
  }
}

/** How many numbers are in a set. */
export function sizeOf(set: BitSet): number {
  let size = 0;
  for (const word of set) for (let bits = word; bits !== 0; bits &= bits - 1) size += 1;
  return size;
}
