import { hash } from "node:crypto";
import { applyOwnFacts } from "./apply-own-facts.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { CREDENTIAL_ATTRIBUTE_TABLE, type OwnFact } from "./credential-attributes.ts";
import { bareProfile, type CredentialFacts, type CredentialValue, factsOf } from "./credential-facts.ts";
import type { FingerprintKey } from "./fingerprint.ts";
import { Fingerprinter } from "./fingerprinter.ts";
import { ProfileInterner, profileKey } from "./profile-interner.ts";
import { readHeader } from "./read-header.ts";

export type { CredentialFacts, CredentialValue } from "./credential-facts.ts";

const FACTS_MAX = 65_536;

type KnownFacts = { readonly facts: CredentialFacts; readonly profileKey: string };

/**
 * Reads the credential attributes of one span after another: `begin`, `add` each, `end`.
 * Values are looked at between `begin` and `end` only; what lives on between spans is keyed by SHA-256, never by value.
 */
export class CredentialReader {
  readonly #fingerprinter: Fingerprinter;
  readonly #interner = new ProfileInterner();
  readonly #known = new BoundedCache<KnownFacts>(FACTS_MAX);
  readonly #own = new Map<OwnFact, CredentialValue>();
  #header: string | null = null;
  #isAmbiguous = false;

  constructor(key: FingerprintKey) {
    this.#fingerprinter = new Fingerprinter(key);
  }

  /** Starts a span. */
  begin(): void {
    this.#own.clear();
    this.#header = null;
    this.#isAmbiguous = false;
  }

  /** Takes the value of an attribute, named by its position in `CREDENTIAL_ATTRIBUTES`; other positions are ignored. */
  add(nameIndex: number, value: CredentialValue): void {
    const attribute = CREDENTIAL_ATTRIBUTE_TABLE[nameIndex];
    if (attribute === undefined) return;
    if (attribute.fact === "header") this.#addHeader(value);
    else if (!attribute.isAlias || !this.#own.has(attribute.fact)) this.#own.set(attribute.fact, value);
  }

  /** What the span says; null when it says nothing about a credential. Holds on to no value afterwards. */
  end(): CredentialFacts | null {
    const facts = this.#read();
    this.begin();
    return facts;
  }

  /** Several attributes may carry one header; two values that differ, or two in one list, are two credentials. */
  #addHeader(value: CredentialValue): void {
    const values = typeof value === "object" ? value : [String(value)];
    const header = values[0];
    if (header === undefined) return;
    this.#isAmbiguous ||= values.length > 1 || (this.#header !== null && this.#header !== header);
    this.#header = header;
  }

  /** The first character keeps the three kinds of text apart, so that no header can pose as told facts. */
  #read(): CredentialFacts | null {
    if (this.#own.size > 0) return this.#recall(`o${JSON.stringify([this.#isAmbiguous, this.#header, ...this.#own])}`);
    if (this.#header === null) return null;
    return this.#recall(this.#isAmbiguous ? "a" : `h${this.#header}`);
  }

  /** Facts are made once and then known by the SHA-256 of all they were made from: hashing is a tenth of reading. */
  #recall(values: string): CredentialFacts {
    const digest = hash("sha256", values, "base64url");
    const known = this.#known.get(digest);
    const made = known?.facts ?? this.#make();
    const key = known?.profileKey ?? profileKey(made.profile);
    const profile = this.#interner.intern(key, made.profile);
    const facts = profile === made.profile ? made : { ...made, profile };
    if (facts !== known?.facts) this.#known.set(digest, { facts, profileKey: key });
    return facts;
  }

  #make(): CredentialFacts {
    const shown = this.#readHeader();
    return this.#own.size > 0 || shown === null ? applyOwnFacts(this.#own, shown, this.#fingerprinter) : shown;
  }

  #readHeader(): CredentialFacts | null {
    if (this.#header === null) return null;
    if (this.#isAmbiguous) return factsOf(bareProfile("ambiguous"));
    return readHeader(this.#header, this.#fingerprinter);
  }
}
