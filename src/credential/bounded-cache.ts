/**
 * A map that forgets what was not used for long, so that strangers cannot make it grow.
 * Two generations: what is read moves to the young one; when that is full, the old one is let go as a whole.
 */
export class BoundedCache<Value> {
  readonly #youngMax: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  /** How often the old generation was let go. */
  generation = 0;

  constructor(entriesMax: number) {
    this.#youngMax = Math.max(1, entriesMax >>> 1);
  }

  /** The value kept for a key, or undefined. */
  get(key: string): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#youngMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
      this.generation++;
    }
    this.#young.set(key, value);
  }
}
