import type { CredentialProfile, PeerIdentity } from "../model/credential.ts";
import { type AttributeMap, EMPTY_ATTRIBUTE_MAP } from "./attribute-map.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { type CredentialAttribute, credentialAttributes } from "./credential-attributes.ts";
import type { CredentialFacts, CredentialValue, SpanCredentials } from "./credential-facts.ts";
import type { FingerprintKeys } from "./fingerprint.ts";
import { Fingerprinter } from "./fingerprinter.ts";
import { Interner, profileKey } from "./interner.ts";
import { SpanValues } from "./span-values.ts";
import { ValueBytes } from "./value-bytes.ts";

export type { CredentialFacts, CredentialValue, SpanCredentials } from "./credential-facts.ts";

const SPANS_MAX = 65_536;

type KnownRow = { facts: CredentialFacts; readonly profileKey: string };
type KnownSpan = {
  readonly rows: readonly KnownRow[];
  readonly peerKey: string;
  facts: SpanCredentials;
  /** Of the interners, when they were asked last for this one's facts. */
  generation: number;
};

/**
 * Reads the credential attributes of one span after another: `begin`, `add` each, `end`.
 * Values are looked at between `begin` and `end` only; what lives on between spans is keyed by SHA-256, never by value.
 */
export class CredentialReader {
  /** The exact names of the span attributes whose values belong to {@link add}, by their position. */
  readonly attributes: readonly string[];
  readonly #table: readonly CredentialAttribute[];
  readonly #fingerprinter: Fingerprinter;
  readonly #values: SpanValues;
  readonly #profiles = new Interner<CredentialProfile>();
  readonly #peers = new Interner<PeerIdentity>();
  readonly #known = new BoundedCache<KnownSpan>(SPANS_MAX);
  readonly #bytes = new ValueBytes();
  #self: string | null = null;

  constructor(keys: FingerprintKeys, map: AttributeMap = EMPTY_ATTRIBUTE_MAP) {
    this.#table = credentialAttributes(map.attributes);
    this.attributes = this.#table.map(({ name }) => name);
    this.#fingerprinter = new Fingerprinter(keys);
    this.#values = new SpanValues(this.#fingerprinter, map.sessionCookies);
  }

  /** True where the value of that attribute is a URL or a part of one, in which a credential may stand. */
  isUrl(nameIndex: number): boolean {
    const fact = this.#table[nameIndex]?.fact;
    return fact === "url" || fact === "query";
  }

  /** What an earlier run had seen, four words each. */
  remember(fingerprints: Uint32Array): void {
    this.#fingerprinter.remember(fingerprints);
  }

  /** Who the callee of the spans to come is, by its own resource; null where that is not said. */
  setWorkload(identity: string | null): void {
    this.#self = identity;
  }

  /** Starts a span. */
  begin(): void {
    this.#bytes.clear();
  }

  /** Takes the value of an attribute, named by its position in `attributes`; other positions are ignored. */
  add(nameIndex: number, value: CredentialValue): void {
    if (nameIndex in this.#table) this.#bytes.add(nameIndex, value);
  }

  /** Takes a value that is the text from `start` to `end` of a request's bytes. */
  addText(nameIndex: number, view: DataView, start: number, end: number): void {
    this.#bytes.addText(nameIndex, view, start, end);
  }

  /** Takes a value that is a list; its texts follow. */
  addList(nameIndex: number): void {
    this.#bytes.addList(nameIndex);
  }

  /** Takes one more text of the list that was taken last. */
  addItem(view: DataView, start: number, end: number): void {
    this.#bytes.addItem(view, start, end);
  }

  /** What the span says; null when it says nothing about a credential. Holds on to no value afterwards. */
  end(): SpanCredentials | null {
    const facts = this.#bytes.isEmpty ? null : this.#recall();
    this.begin();
    return facts;
  }

  /** Facts are made once and then known by the SHA-256 of all they were made from: hashing is a tenth of reading. */
  #recall(): SpanCredentials | null {
    const digest = this.#bytes.digest(this.#self);
    const known = this.#known.get(digest) ?? this.#make(digest);
    const generation = this.#profiles.generation + this.#peers.generation;
    if (known.generation !== generation) this.#intern(known, generation);
    const { rows, peer, leaks } = known.facts;
    return rows.length === 0 && peer === null && leaks.length === 0 ? null : known.facts;
  }

  /** A proof makes a span unlike any other: there is nothing to be known again. */
  #make(digest: string): KnownSpan {
    for (const [nameIndex, value] of this.#bytes.values()) {
      const attribute = this.#table[nameIndex];
      if (attribute !== undefined) this.#values.add(attribute, value);
    }
    const facts = this.#values.read(this.#self);
    this.#values.clear();
    const rows = facts.rows.map((row) => ({ facts: row, profileKey: profileKey(row.profile) }));
    const known = { rows, peerKey: JSON.stringify(facts.peer), facts, generation: Number.NaN };
    if (!this.#values.isUnique) this.#known.set(digest, known);
    return known;
  }

  /** Equal profiles are one object, also where the interner forgot one in between: then it has a new generation. */
  #intern(known: KnownSpan, generation: number): void {
    for (const row of known.rows) {
      const profile = this.#profiles.intern(row.profileKey, row.facts.profile);
      if (profile !== row.facts.profile) row.facts = { ...row.facts, profile };
    }
    const { peer, leaks } = known.facts;
    const one = peer === null ? null : this.#peers.intern(known.peerKey, peer);
    known.facts = { rows: known.rows.map(({ facts }) => facts), peer: one, leaks };
    known.generation = generation;
  }
}
