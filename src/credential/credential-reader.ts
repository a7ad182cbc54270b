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

const HEADERS_MAX = 65_536;

type KnownHeader = { readonly facts: CredentialFacts; readonly profileKey: string };

/**
 * Reads the credential attributes of one span after another: `begin`, `add` each, `end`.
 * Values are looked at between `begin` and `end` only; what lives on between spans is keyed by SHA-256, never by value.
 */
export class CredentialReader {
  readonly #fingerprinter: Fingerprinter;
  readonly #interner = new ProfileInterner();
  readonly #known = new BoundedCache<KnownHeader>(HEADERS_MAX);
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

  #read(): CredentialFacts | null {
    if (this.#own.size > 0) return this.#intern(applyOwnFacts(this.#own, this.#readHeader(), this.#fingerprinter));
    return this.#readHeader();
  }

  #readHeader(): CredentialFacts | null {
    if (this.#header === null) return null;
    return this.#isAmbiguous ? this.#intern(factsOf(bareProfile("ambiguous"))) : this.#recall(this.#header);
  }

  /** Facts of a header, read once and then known by its SHA-256: hashing is a tenth of reading. */
  #recall(header: string): CredentialFacts {
    const digest = hash("sha256", header, "base64url");
    const known = this.#known.get(digest);
    const read = known?.facts ?? readHeader(header, this.#fingerprinter);
    const key = known?.profileKey ?? profileKey(read.profile);
    const profile = this.#interner.intern(key, read.profile);
    const facts = profile === read.profile ? read : { ...read, profile };
    if (facts !== known?.facts) this.#known.set(digest, { facts, profileKey: key });
    return facts;
  }

  #intern(facts: CredentialFacts): CredentialFacts {
    return { ...facts, profile: this.#interner.intern(profileKey(facts.profile), facts.profile) };
  }
}
