import { CREDENTIAL_ATTRIBUTES } from "../credential/credential-attributes.ts";
import { SPAN_KIND, type WantedAttribute } from "../model/span-batch.ts";
import { type AttributeReader, VALUE } from "./attribute-reader.ts";
import { AttributeTable } from "./attribute-table.ts";
import { keepNumber, type ValueDictionary } from "./value-dictionary.ts";

/** The attributes somebody asked for: which keys to look for, and how their values enter the dictionary. */
export class WantedAttributes {
  /** Numbers from `count` on are the credential attributes, `count` + their position. */
  readonly spanTable: AttributeTable;
  readonly resourceTable: AttributeTable;
  readonly count: number;
  readonly #keeps: Uint8Array;
  readonly #areFarPorts: Uint8Array;
  readonly #dictionary: ValueDictionary;

  constructor(wanted: readonly WantedAttribute[], dictionary: ValueDictionary) {
    this.count = wanted.length;
    this.#keeps = Uint8Array.from(wanted, ({ keep }) => keepNumber(keep));
    this.#areFarPorts = Uint8Array.from(wanted, ({ isFarPort }) => (isFarPort === true ? 1 : 0));
    this.#dictionary = dictionary;
    const named = [...wanted.entries()];
    const targets = (scope: WantedAttribute["scope"]) =>
      named.filter(([, { scope: own }]) => own === scope).map(([index, { name }]) => [name, index] as const);
    const credentials = CREDENTIAL_ATTRIBUTES.map((name, index) => [name, wanted.length + index] as const);
    // Credentials last: in a map the last one counts, so a credential stays one even if a room asks for its name.
    this.spanTable = new AttributeTable(new Map([...targets("span"), ...credentials]));
    this.resourceTable = new AttributeTable(new Map(targets("resource")));
  }

  /** True where the attribute says nothing that lasts on a span of that kind. */
  isPassing(target: number, kind: number): boolean {
    return (kind === SPAN_KIND.server || kind === SPAN_KIND.consumer) && this.#areFarPorts[target] === 1;
  }

  /** The dictionary's index of the value that was just read for a wanted attribute, or -1 where it has no text. */
  intern(target: number, attribute: AttributeReader): number {
    const keep = this.#keeps[target] as number;
    if (attribute.type === VALUE.scalar) return this.#dictionary.internScalar(keep, attribute.scalar);
    const hasText = attribute.type === VALUE.text || (attribute.type === VALUE.array && attribute.enterArray());
    return hasText ? this.#dictionary.internText(keep, attribute.start, attribute.end) : -1;
  }
}
