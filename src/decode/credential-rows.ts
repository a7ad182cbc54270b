import type { CredentialFacts, SpanCredentials } from "../credential/credential-facts.ts";
import type { CredentialProfile, PeerIdentity } from "../model/credential.ts";
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
  #idCount = 0;
  #idRows = new Uint32Array(ROWS_AT_FIRST);
  #idKinds = new Uint8Array(ROWS_AT_FIRST);
  #idWords = new Uint32Array(ROWS_AT_FIRST * 4);
  #peerIndexes = new Uint32Array(ROWS_AT_FIRST);
  readonly #indexByProfile = new Map<CredentialProfile, number>();
  readonly #indexByPeer = new Map<PeerIdentity, number>();

  clear(): void {
    this.#count = 0;
    this.#idCount = 0;
    this.#indexByProfile.clear();
    if (this.#indexByPeer.size > 0) this.#peerIndexes.fill(0);
    this.#indexByPeer.clear();
  }

  add({ rows }: SpanCredentials): void {
    for (const facts of rows) this.#addRow(facts);
  }

  /** Notes who the far end of the span of that row is. */
  addPeer(row: number, peer: PeerIdentity): void {
    while (row >= this.#peerIndexes.length) this.#peerIndexes = doubled(this.#peerIndexes);
    this.#peerIndexes[row] = this.#peerIndexOf(peer) + 1;
  }

  #addRow(facts: CredentialFacts): void {
    const row = this.#count;
    if (row === this.#profileIndexes.length) this.#grow();
    this.#profileIndexes[row] = this.#indexOf(facts.profile);
    if (facts.fingerprint === null) this.#fingerprints.fill(0, row * 4, row * 4 + 4);
    else this.#fingerprints.set(facts.fingerprint, row * 4);
    this.#expiresAtS[row] = facts.expiresAtS;
    this.#notBeforeS[row] = facts.notBeforeS;
    this.#issuedAtS[row] = facts.issuedAtS;
    this.#count = row + 1;
    for (const { kind, words } of facts.ids) this.#addId(row, kind, words);
  }

  #addId(row: number, kind: number, words: Uint32Array): void {
    const at = this.#idCount;
    if (at === this.#idRows.length) {
      this.#idRows = doubled(this.#idRows);
      this.#idKinds = doubled(this.#idKinds);
      this.#idWords = doubled(this.#idWords);
    }
    this.#idRows[at] = row;
    this.#idKinds[at] = kind;
    this.#idWords.set(words, at * 4);
    this.#idCount = at + 1;
  }

  /** Ends the span of that row: what was added since the last span is its own. */
  keepSpan(row: number): void {
    if (row + 1 === this.#starts.length) this.#starts = doubled(this.#starts);
    this.#starts[row + 1] = this.#count;
  }

  /** Copies what was filled into arrays of the batch's own. */
  copy(spanCount: number): Pick<SpanBatch, "credentialStarts" | "credentials" | "peerIndexes" | "peers"> {
    const rows = this.#count;
    const ids = this.#idCount;
    return {
      peerIndexes: this.#copyPeers(spanCount),
      peers: [...this.#indexByPeer.keys()],
      credentialStarts: this.#starts.slice(0, spanCount + 1),
      credentials: {
        profileIndexes: this.#profileIndexes.slice(0, rows),
        fingerprints: this.#fingerprints.slice(0, rows * 4),
        expiresAtS: this.#expiresAtS.slice(0, rows),
        notBeforeS: this.#notBeforeS.slice(0, rows),
        issuedAtS: this.#issuedAtS.slice(0, rows),
        profiles: [...this.#indexByProfile.keys()],
        idRows: this.#idRows.slice(0, ids),
        idKinds: this.#idKinds.slice(0, ids),
        idWords: this.#idWords.slice(0, ids * 4),
      },
    };
  }

  #copyPeers(spanCount: number): Uint32Array {
    if (this.#indexByPeer.size === 0) return new Uint32Array(0);
    const peers = new Uint32Array(spanCount);
    peers.set(this.#peerIndexes.subarray(0, spanCount));
    return peers;
  }

  #peerIndexOf(peer: PeerIdentity): number {
    const known = this.#indexByPeer.get(peer);
    if (known !== undefined) return known;
    const index = this.#indexByPeer.size;
    this.#indexByPeer.set(peer, index);
    return index;
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
