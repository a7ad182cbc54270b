import type { GraphNode } from "../model/graph.ts";

/** What names beyond a bound fold into. */
export const OVERFLOW_NAME = "(other)";

/** Distinct strings as small integers, counted from 1; 0 is "none". Past the bound every new one is `(other)`. */
export class Interner {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [""];
  readonly #sizeMax: number;
  overflows = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#ids.size;
  }

  intern(name: string | null): number {
    if (name === null) return 0;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (this.#ids.size >= this.#sizeMax && name !== OVERFLOW_NAME) {
      this.overflows++;
      return this.intern(OVERFLOW_NAME);
    }
    this.#names.push(name);
    this.#ids.set(name, this.#names.length - 1);
    return this.#names.length - 1;
  }

  name(id: number): string | null {
    return id === 0 ? null : (this.#names[id] ?? null);
  }

  clear(): void {
    this.#ids.clear();
    this.#names.length = 1;
  }
}

const KIND_LETTERS = { service: "s", datastore: "d", broker: "b", external: "e" } as const;

/** Distinct graph nodes as small integers, counted from 1; 0 is "none". */
export class NodeInterner {
  readonly #names: Interner;
  readonly #nodes: (GraphNode | undefined)[] = [];

  constructor(sizeMax: number) {
    this.#names = new Interner(sizeMax);
  }

  get overflows(): number {
    return this.#names.overflows;
  }

  intern(node: GraphNode | null): number {
    if (node === null) return 0;
    const id = this.#names.intern(KIND_LETTERS[node.kind] + node.name);
    this.#nodes[id] ??= this.#names.name(id) === OVERFLOW_NAME ? { kind: "external", name: OVERFLOW_NAME } : node;
    return id;
  }

  node(id: number): GraphNode {
    const node = this.#nodes[id];
    if (node === undefined) throw new RangeError(`no node ${id}`);
    return node;
  }
}
