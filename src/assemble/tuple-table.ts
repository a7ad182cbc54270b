// Hot path: looked up once per span or hop, so no object, closure or string is made here.

/**
 * Distinct tuples of 32-bit integers, numbered from 0 in order of arrival. Open addressing with linear probing;
 * tuples may differ in length; equal tuples, and only those, have equal numbers.
 */
export class TupleTable {
  #slots: Int32Array;
  #starts: Int32Array;
  #values: Int32Array;
  #size = 0;

  constructor(sizeHint = 1024) {
    this.#slots = new Int32Array(sizeHint * 2).fill(-1);
    this.#starts = new Int32Array(sizeHint + 1);
    this.#values = new Int32Array(sizeHint * 8);
  }

  get size(): number {
    return this.#size;
  }

  /** The tuple's number, or -1 where it is not in the table. */
  find(tuple: Int32Array, length: number): number {
    return this.#slots[this.#probe(tuple, length)] ?? -1;
  }

  /** The tuple's number; one that was not there is added, and `size` grows by one. */
  add(tuple: Int32Array, length: number): number {
    const slot = this.#probe(tuple, length);
    const known = this.#slots[slot] ?? -1;
    if (known >= 0) return known;
    const start = this.#starts[this.#size] ?? 0;
    if (start + length > this.#values.length) this.#values = grown(this.#values);
    for (let i = 0; i < length; i++) this.#values[start + i] = tuple[i] ?? 0;
    this.#size++;
    if (this.#size + 1 >= this.#starts.length) this.#starts = grown(this.#starts);
    this.#starts[this.#size] = start + length;
    this.#slots[slot] = this.#size - 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return this.#size - 1;
  }

  /** One integer of a tuple. */
  at(number: number, position: number): number {
    return this.#values[(this.#starts[number] ?? 0) + position] ?? 0;
  }

  clear(): void {
    this.#slots.fill(-1);
    this.#size = 0;
  }

  #probe(tuple: Int32Array, length: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(tuple, 0, length) & mask;
    for (let held = this.#slots[slot] ?? -1; held >= 0; held = this.#slots[slot] ?? -1) {
      if (this.#isEqual(held, tuple, length)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isEqual(number: number, tuple: Int32Array, length: number): boolean {
    const start = this.#starts[number] ?? 0;
    if ((this.#starts[number + 1] ?? 0) - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#values[start + i] !== tuple[i]) return false;
    return true;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const start = this.#starts[number] ?? 0;
      let slot = hash(this.#values, start, (this.#starts[number + 1] ?? 0) - start) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots = slots;
  }
}

function hash(values: Int32Array, start: number, length: number): number {
  let h = length;
  for (let i = 0; i < length; i++) {
    h = Math.imul(h ^ (values[start + i] ?? 0), 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h >>> 0;
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
