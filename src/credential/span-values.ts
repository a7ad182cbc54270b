import { hash } from "node:crypto";
import type { CredentialSlot } from "../model/credential.ts";
import { CREDENTIAL_ID } from "../model/span-batch.ts";
import { applyOwnFacts } from "./apply-own-facts.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { composeCredentials } from "./compose-credentials.ts";
import { type CredentialAttribute, type CredentialPlace, SLOTS } from "./credential-attributes.ts";
import {
  bareProfile,
  type CredentialIdentifier,
  type CredentialValue,
  type NamedReading,
  type Reading,
  readingOf,
  type SpanCredentials,
} from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import type { OwnFact } from "./own-facts.ts";
import { readCookies } from "./read-cookies.ts";
import { readHeader } from "./read-header.ts";
import { readPeer } from "./read-peer.ts";
import { readQuery, readUrl } from "./read-url.ts";

const READINGS_MAX = 16_384;
/** Slots with one header only: which one carried the credential goes without saying. */
const SINGLE: ReadonlySet<string> = new Set(
  SLOTS.filter(({ headers }) => headers.length === 1).map(({ place }) => place),
);

type RawHeader = {
  readonly attribute: CredentialAttribute;
  readonly value: string;
  isAmbiguous: boolean;
  isLeak: boolean;
};
type Told = Map<OwnFact, CredentialValue>;

/** The values of one span's credential attributes, by slot, until they have been read. */
export class SpanValues {
  readonly #fingerprinter: Fingerprinter;
  readonly #sessionCookies: readonly string[];
  /** Readings by the SHA-256 of what was read: on a span that is new as a whole, most tokens are known. */
  readonly #known = new BoundedCache<readonly Reading[]>(READINGS_MAX);
  readonly #headers = new Map<string, RawHeader>();
  readonly #told = new Map<CredentialPlace, Told>();
  #isMappedPeer = false;
  #isUnique = false;

  constructor(fingerprinter: Fingerprinter, sessionCookies: readonly string[]) {
    this.#fingerprinter = fingerprinter;
    this.#sessionCookies = sessionCookies;
  }

  /** True where what was read last will not come again. */
  get isUnique(): boolean {
    return this.#isUnique;
  }

  /** Lets go of all values. */
  clear(): void {
    this.#headers.clear();
    this.#told.clear();
    this.#isMappedPeer = false;
  }

  add(attribute: CredentialAttribute, value: CredentialValue): void {
    const { fact } = attribute;
    if (fact === "header" || fact === "url" || fact === "query") this.#addRaw(attribute, value);
    else this.#addTold(attribute, fact, value);
  }

  /** Everything that the values say; `self` is who received the call, where that is known. */
  read(self: string | null): SpanCredentials {
    const leaks: string[] = [];
    const readings: Reading[] = [];
    for (const { place } of SLOTS) {
      if (place !== "peer") readings.push(...this.#readSlot(place, leaks));
    }
    const { identity, thumbprint } = this.#readPeer(self);
    this.#isUnique = readings.some(({ proof }) => proof !== null);
    const shown = { readings, certificate: thumbprint, hasPeer: identity !== null };
    return { rows: composeCredentials(shown), peer: identity, leaks };
  }

  /** Several attributes may carry one header; two values that differ, or two in one list, are two credentials. */
  #addRaw(attribute: CredentialAttribute, value: CredentialValue): void {
    const values = typeof value === "object" ? value : [String(value)];
    // The proxies' header may come as a list of what each of them added.
    const first = attribute.place === "peer" && values.length > 1 ? values.join(",") : values[0];
    if (first === undefined) return;
    const key = `${attribute.place}/${attribute.header ?? ""}`;
    const known = this.#headers.get(key);
    const isUrl = attribute.header === null;
    if (known === undefined) {
      const isAmbiguous = attribute.place !== "peer" && values.length > 1;
      this.#headers.set(key, { attribute, value: first, isAmbiguous, isLeak: attribute.isLeak });
      return;
    }
    known.isAmbiguous ||= !isUrl && (values.length > 1 || known.value !== first);
    known.isLeak ||= attribute.isLeak;
  }

  #addTold({ place, isAlias, isMapped }: CredentialAttribute, fact: OwnFact, value: CredentialValue): void {
    const told = this.#told.get(place) ?? new Map<OwnFact, CredentialValue>();
    this.#told.set(place, told);
    if (isAlias && told.has(fact)) return;
    told.set(fact, value);
    if (place === "peer" && fact === "peerId") this.#isMappedPeer = isMapped;
  }

  /** What is told of a slot is of the first of its headers that is there. */
  #readSlot(slot: CredentialSlot, leaks: string[]): readonly Reading[] {
    const headers: RawHeader[] = [];
    for (const header of this.#headers.values()) if (header.attribute.place === slot) headers.push(header);
    const told = this.#told.get(slot) ?? null;
    if (headers.length === 0) return told === null ? [] : this.#readTold(slot, told);
    headers.sort((a, b) => rankOf(a) - rankOf(b));
    return headers.flatMap((header, index) => {
      const readings = this.#readOne(slot, header, index === 0 ? told : null);
      if (header.isLeak && readings.some(isWhole)) leaks.push(header.attribute.name);
      return readings;
    });
  }

  #readOne(slot: CredentialSlot, header: RawHeader, told: Told | null): readonly Reading[] {
    const text = `${header.attribute.header}|${header.attribute.fact}|${header.isAmbiguous}|${header.value}`;
    const key = hash("sha256", told === null ? text : `${JSON.stringify([...told])}|${text}`, "base64url");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#readRaw(slot, header)
      .map((reading, index) => this.#finish(slot, reading, index === 0 ? told : null))
      .map((reading) => this.#hashNames(reading));
    // A proof does not come again.
    if (made.every(({ proof }) => proof === null)) this.#known.set(key, made);
    return made;
  }

  #readTold(slot: CredentialSlot, told: Told): readonly Reading[] {
    return [this.#hashNames(applyOwnFacts(told, null, { slot, carrier: null }, this.#fingerprinter))];
  }

  #finish(slot: CredentialSlot, reading: NamedReading, told: Told | null): NamedReading {
    if (told === null) return reading;
    return applyOwnFacts(told, reading, { slot, carrier: reading.profile.carrier }, this.#fingerprinter);
  }

  #readRaw(slot: CredentialSlot, { attribute, value, isAmbiguous }: RawHeader): readonly NamedReading[] {
    const carrier = SINGLE.has(slot) ? null : attribute.header;
    if (slot === "session_cookie") return readCookies(value, this.#sessionCookies, this.#fingerprinter);
    if (isAmbiguous) return [readingOf({ ...bareProfile(slot, "ambiguous"), carrier })];
    if (attribute.fact === "header") return [readHeader(value, { slot, carrier }, this.#fingerprinter)];
    const read = attribute.fact === "url" ? readUrl : readQuery;
    const reading = read(value, this.#fingerprinter);
    return reading === null ? [] : [reading];
  }

  /** From here on nothing is left of a name but its keyed hash. */
  #hashNames({ names, ...reading }: NamedReading): Reading {
    const { tokenId, subject, transaction, proof, pod } = names;
    // A transaction token may leave out its issuer: its one audience is the trust domain.
    const { role, issuer, audiences } = reading.profile;
    const domain = issuer ?? (role === "transaction" ? (audiences?.[0] ?? null) : null);
    const ids: CredentialIdentifier[] = [];
    const add = (kind: number, parts: readonly string[]): void => {
      ids.push({ kind, words: this.#fingerprinter.ofNames(String(kind), parts) });
    };
    if (domain !== null && tokenId !== null) add(CREDENTIAL_ID.token, [domain, tokenId]);
    if (subject !== null) add(CREDENTIAL_ID.subject, subject[0] === "entra" ? subject : [domain ?? "", ...subject]);
    if (transaction !== null) add(CREDENTIAL_ID.transaction, [transaction]);
    if (proof !== null) add(CREDENTIAL_ID.proof, proof);
    if (pod !== null) ids.push({ kind: CREDENTIAL_ID.pod, words: pod });
    return { ...reading, ids };
  }

  #readPeer(self: string | null): ReturnType<typeof readPeer> {
    const headers = new Map<string, string>();
    for (const { attribute, value, isAmbiguous } of this.#headers.values()) {
      if (attribute.place === "peer" && !isAmbiguous) headers.set(attribute.header ?? "", value);
    }
    const told: Told = this.#told.get("peer") ?? new Map();
    return readPeer({ told, headers, isMapped: this.#isMappedPeer, self });
  }
}

/** The order in which a slot's headers stand in its table; what the configuration adds comes last. */
function rankOf({ attribute: { place, header } }: RawHeader): number {
  const headers = SLOTS.find((row) => row.place === place)?.headers ?? [];
  const rank = headers.indexOf(header ?? "");
  return rank < 0 ? headers.length : rank;
}

function isWhole({ profile }: Reading): boolean {
  return profile.quality === "full" || profile.quality === "truncated" || profile.quality === "ambiguous";
}
