/** Values that numbers of ours stand for, each once, for columns that others read who do not know our numbers. */
export class Dictionary<Value> {
  readonly #indexes = new Map<number, number>();
  readonly #spell: (number: number) => Value;
  readonly values: Value[] = [];

  constructor(spell: (number: number) => Value) {
    this.#spell = spell;
  }

  /** The index into `values` of what a number stands for. */
  index(number: number): number {
    const known = this.#indexes.get(number);
    if (known !== undefined) return known;
    this.values.push(this.#spell(number));
    this.#indexes.set(number, this.values.length - 1);
    return this.values.length - 1;
  }
}
