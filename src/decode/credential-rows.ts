import type { CredentialFacts } from "../credential/credential-facts.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import { doubled } from "./span-columns.ts";

const ROWS_AT_FIRST = 512;

/**
 * The credential columns of the batch under construction, used again for the next request. A row holds facts, never a
 * value. Profiles are interned by the credential room, so one object is one profile.
 */
export class CredentialRows {
  #count = 0;
  #starts = new Uint32Array(ROWS_AT_FIRST + 1);
  #profileIndexes = new Uint32Array(ROWS_AT_FIRST);
  #fingerprints = new Uint32Array(ROWS_AT_FIRST * 4);
  #expiresAtS = new Float64Array(ROWS_AT_FIRST);
  #notBeforeS = new Float64Array(ROWS_AT_FIRST);
  #issuedAtS = new Float64Array(ROWS_AT_FIRST);
  readonly #indexByProfile = new Map<CredentialProfile, number>();

  clear(): void {
    this.#count = 0;
    this.#indexByProfile.clear();
  }

  add(facts: CredentialFacts): void {
    const row = this.#count;
    if (row === this.#profileIndexes.length) this.#grow();
    this.#profileIndexes[row] = this.#indexOf(facts.profile);
    if (facts.fingerprint === null) this.#fingerprints.fill(0, row * 4, row * 4 + 4);
    else this.#fingerprints.set(facts.fingerprint, row * 4);
    this.#expiresAtS[row] = facts.expiresAtS;
    this.#notBeforeS[row] = facts.notBeforeS;
    this.#issuedAtS[row] = facts.issuedAtS;
    this.#count = row + 1;
  }

  /** Ends the span of that row: what was added since the last span is its own. */
  keepSpan(row: number): void {
    if (row + 1 === this.#starts.length) this.#starts = doubled(this.#starts);
    this.#starts[row + 1] = this.#count;
  }

  /** Copies what was filled into arrays of the batch's own. */
  copy(spanCount: number): Pick<SpanBatch, "credentialStarts" | "credentials"> {
    const rows = this.#count;
    return {
      credentialStarts: this.#starts.slice(0, spanCount + 1),
      credentials: {
        profileIndexes: this.#profileIndexes.slice(0, rows),
        fingerprints: this.#fingerprints.slice(0, rows * 4),
        expiresAtS: this.#expiresAtS.slice(0, rows),
        notBeforeS: this.#notBeforeS.slice(0, rows),
        issuedAtS: this.#issuedAtS.slice(0, rows),
        profiles: [...this.#indexByProfile.keys()],
        idRows: new Uint32Array(0),
        idKinds: new Uint8Array(0),
        idWords: new Uint32Array(0),
      },
    };
  }

  #indexOf(profile: CredentialProfile): number {
    const known = this.#indexByProfile.get(profile);
    if (known !== undefined) return known;
    const index = this.#indexByProfile.size;
    this.#indexByProfile.set(profile, index);
    return index;
  }

  #grow(): void {
    this.#profileIndexes = doubled(this.#profileIndexes);
    this.#fingerprints = doubled(this.#fingerprints);
    this.#expiresAtS = doubled(this.#expiresAtS);
    this.#notBeforeS = doubled(this.#notBeforeS);
    this.#issuedAtS = doubled(this.#issuedAtS);
  }
}
