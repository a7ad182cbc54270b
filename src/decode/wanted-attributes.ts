import type { CredentialReader } from "../credential/credential-reader.ts";
import { SPAN_KIND, type WantedAttribute } from "../model/span-batch.ts";
import { type AttributeReader, VALUE } from "./attribute-reader.ts";
import { AttributeTable } from "./attribute-table.ts";
import type { LeakNotes } from "./leak-notes.ts";
import { hasKey, mayHoldCredential } from "./query-keys.ts";
import { keepNumber, type ValueDictionary } from "./value-dictionary.ts";

/** The resource attribute that says who the callee of its spans is. */
const WORKLOAD = "trustdrift.workload.identity.id";
/** What has to be seen in a value's bytes before it is worth decoding as a credential. */
const WORTH = { always: 0, url: 1, query: 2 } as const;

type WantedParts = {
  readonly wanted: readonly WantedAttribute[];
  readonly credentials: CredentialReader;
  readonly dictionary: ValueDictionary;
  readonly leaks: LeakNotes;
};

/** The attributes somebody asked for: which keys to look for, and how their values enter the dictionary. */
export class WantedAttributes {
  /** Numbers from `count` on are the credential attributes, `count` + their position. */
  readonly spanTable: AttributeTable;
  /** The number `count` is the callee's own identity. */
  readonly resourceTable: AttributeTable;
  readonly count: number;
  readonly #wanted: readonly WantedAttribute[];
  readonly #keeps: Uint8Array;
  readonly #areFarPorts: Uint8Array;
  /** By wanted attribute: its position among the credential attributes where it is a URL, else -1. */
  readonly #urls: Int16Array;
  readonly #worths: Uint8Array;
  readonly #dictionary: ValueDictionary;
  readonly #leaks: LeakNotes;

  constructor({ wanted, credentials, dictionary, leaks }: WantedParts) {
    this.count = wanted.length;
    this.#wanted = wanted;
    this.#keeps = Uint8Array.from(wanted, ({ keep }) => keepNumber(keep));
    this.#areFarPorts = Uint8Array.from(wanted, ({ isFarPort }) => (isFarPort === true ? 1 : 0));
    this.#dictionary = dictionary;
    this.#leaks = leaks;
    const { attributes } = credentials;
    const urls = new Map([...attributes.entries()].filter(([index]) => credentials.isUrl(index)).map(swapped));
    this.#urls = Int16Array.from(wanted, ({ name, scope }) => (scope === "span" ? (urls.get(name) ?? -1) : -1));
    this.#worths = Uint8Array.from(attributes, (name, index) => {
      if (!credentials.isUrl(index)) return WORTH.always;
      return name.endsWith(".query") ? WORTH.query : WORTH.url;
    });
    const ofSpans = attributes.map((name, index) => [name, wanted.length + index] as const);
    // Credentials last: in a map the last one counts, so a credential stays one even if a room asks for its name. A URL
    // is both.
    const shared = this.#targets("span").filter(([name]) => urls.has(name));
    this.spanTable = new AttributeTable(new Map([...this.#targets("span"), ...ofSpans, ...shared]));
    this.resourceTable = new AttributeTable(new Map([...this.#targets("resource"), [WORKLOAD, wanted.length]]));
  }

  #targets(scope: WantedAttribute["scope"]): (readonly [string, number])[] {
    const named = [...this.#wanted.entries()];
    return named.filter(([, { scope: own }]) => own === scope).map(([index, { name }]) => [name, index] as const);
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
    if (!hasText) return -1;
    const index = this.#dictionary.internText(keep, attribute.start, attribute.end);
    if (this.#dictionary.isLeak) this.#noteLeak(target);
    return index;
  }

  /**
   * The position among the credential attributes of a URL that was just interned and may hold a credential, else -1.
   * Most URLs were found to be plain from end to end while they were interned.
   */
  urlWithCredential(target: number, view: DataView, attribute: AttributeReader): number {
    const index = this.#urls[target] as number;
    if (index < 0 || attribute.type !== VALUE.text || this.#dictionary.isWholeUrl) return -1;
    return mayHoldCredential(view, attribute.start, attribute.end) ? index : -1;
  }

  /** True where a credential attribute's value is worth decoding: a URL only where it may hold a credential. */
  isWorthReading(index: number, view: DataView, { type, start, end }: AttributeReader): boolean {
    const worth = this.#worths[index];
    if (worth === WORTH.always) return type !== VALUE.other;
    if (type !== VALUE.text) return false;
    return worth === WORTH.query ? hasKey(view, start, end) : mayHoldCredential(view, start, end);
  }

  /** A password in a URL, or a token among its parameters, is told as a credential of the call. */
  #noteLeak(target: number): void {
    this.#dictionary.isLeak = false;
    const { name, scope } = this.#wanted[target] as WantedAttribute;
    this.#leaks.note(scope === "resource" ? `resource.${name}` : name);
  }
}

function swapped([index, name]: [number, string]): [string, number] {
  return [name, index];
}
