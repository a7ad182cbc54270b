// Hot path: once per span that shows a credential. Typed arrays only.

import { CREDENTIAL_ID, type SpanBatch } from "../model/span-batch.ts";
import type { FingerprintTable } from "./fingerprint-table.ts";
import { ROLE } from "./meaning-reader.ts";
import type { PeerTable } from "./peer-table.ts";
import type { PodTable } from "./pod-table.ts";
import type { PresentationTable } from "./presentation-table.ts";
import type { ProfileTable } from "./profile-table.ts";
import type { ReuseTable } from "./reuse-table.ts";
import type { SpanExtras } from "./span-extras.ts";
import { roleOf } from "./span-flags.ts";
import type { SpanRing } from "./span-ring.ts";

type Parts = {
  readonly ring: SpanRing;
  readonly extras: SpanExtras;
  readonly profiles: ProfileTable;
  readonly peers: PeerTable;
  readonly fingerprints: FingerprintTable;
  readonly presentations: PresentationTable;
  readonly reuses: ReuseTable;
  readonly pods: PodTable;
  readonly skewMs: number;
};

/** Takes over what a batch says of the credentials and certificates that its spans show. */
export class SpanCredentials {
  readonly #parts: Parts;
  /** The next of the batch's ids: rows come in rising order, as spans do. */
  #nextId = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Makes a batch's profiles and identities ours; call before {@link fill}. */
  begin(batch: SpanBatch): void {
    this.#parts.profiles.begin(batch);
    this.#parts.peers.begin(batch);
    this.#nextId = 0;
  }

  /** Fills the columns of a pushed span, whose flags and start are there already. */
  fill(reference: number, batch: SpanBatch, span: number): void {
    const { ring, profiles, presentations } = this.#parts;
    const i = reference & ring.mask;
    const row = batch.credentialStarts[span] ?? 0;
    const end = batch.credentialStarts[span + 1] ?? 0;
    if (batch.peerIndexes.length > 0) this.#fillPeer(reference, batch, span);
    ring.profile[i] = 0;
    ring.fingerprint[i] = 0;
    ring.expiresAtS[i] = Number.NaN;
    if (end === row) return;
    ring.profile[i] = profiles.number(batch, row);
    ring.fingerprint[i] = presentations.intern(batch.credentials.fingerprints, row * 4);
    ring.expiresAtS[i] = batch.credentials.expiresAtS[row] ?? Number.NaN;
    this.#fillValidFrom(reference, batch, row);
    if (end > row + 1) this.#fillSecond(reference, batch, row + 1);
    if (batch.credentials.idRows.length > 0) this.#fillIds(reference, batch, { row, end });
  }

  /** Only who was called can tell who called it. */
  #fillPeer(reference: number, batch: SpanBatch, span: number): void {
    const { ring, extras, peers } = this.#parts;
    const peer = peers.number(batch, span);
    if (peer === 0 || roleOf(ring.flags[reference & ring.mask] ?? 0) !== ROLE.in) return;
    const row = extras.ensure(reference);
    extras.peerIdentity[row] = peer;
  }

  /** Kept only where the span's own clock says that it is too early: where it does not, no other clock will. */
  #fillValidFrom(reference: number, batch: SpanBatch, row: number): void {
    const { ring, extras, skewMs } = this.#parts;
    const notBeforeS = batch.credentials.notBeforeS[row] ?? Number.NaN;
    const issuedAtS = batch.credentials.issuedAtS[row] ?? Number.NaN;
    const tooEarlyS = ((ring.startMs[reference & ring.mask] ?? 0) + skewMs) / 1000;
    if (!(notBeforeS > tooEarlyS) && !(issuedAtS > tooEarlyS)) return;
    const extra = extras.ensure(reference);
    extras.validFromS[extra] = Math.max(Number.isNaN(notBeforeS) ? 0 : notBeforeS, issuedAtS || 0);
  }

  #fillSecond(reference: number, batch: SpanBatch, row: number): void {
    const { extras, presentations, profiles } = this.#parts;
    const fingerprint = presentations.intern(batch.credentials.fingerprints, row * 4);
    if (fingerprint === 0) return;
    const extra = extras.ensure(reference);
    extras.second[extra] = fingerprint;
    extras.secondProfile[extra] = profiles.number(batch, row);
    extras.secondExpiresAtS[extra] = batch.credentials.expiresAtS[row] ?? Number.NaN;
  }

  /** The ids of the span's rows; those before it are of spans that were left out. */
  #fillIds(reference: number, batch: SpanBatch, { row, end }: { readonly row: number; readonly end: number }): void {
    const { idRows } = batch.credentials;
    while (this.#nextId < idRows.length && (idRows[this.#nextId] ?? 0) < row) this.#nextId++;
    for (; this.#nextId < idRows.length && (idRows[this.#nextId] ?? 0) < end; this.#nextId++) {
      this.#fillId(reference, batch, row);
    }
  }

  #fillId(reference: number, batch: SpanBatch, row: number): void {
    const { ring, extras, fingerprints, reuses } = this.#parts;
    const { idRows, idKinds, idWords } = batch.credentials;
    const at = this.#nextId;
    const isMain = idRows[at] === row;
    const fingerprint = isMain
      ? (ring.fingerprint[reference & ring.mask] ?? 0)
      : (extras.second[extras.rowOf(reference)] ?? 0);
    const kind = idKinds[at] ?? 0;
    if (kind === CREDENTIAL_ID.subject) fingerprints.learnSubject(fingerprint, idWords, at * 4);
    else if (kind === CREDENTIAL_ID.token) this.#fillTokenId(fingerprint, idWords, at * 4);
    else if (kind === CREDENTIAL_ID.transaction) {
      extras.transaction[extras.ensure(reference)] = reuses.intern(kind, idWords, at * 4);
    } else if (kind === CREDENTIAL_ID.proof) {
      extras.proof[extras.ensure(reference)] = reuses.intern(kind, idWords, at * 4);
    } else if (kind === CREDENTIAL_ID.pod) this.#fillPod(fingerprint, idWords, at * 4);
  }

  /** A token keeps its pod; one that was never heard may be heard later. */
  #fillPod(fingerprint: number, words: Uint32Array, at: number): void {
    const { fingerprints, pods } = this.#parts;
    if (fingerprint === 0 || pods.isKnown(fingerprints.pod(fingerprint))) return;
    fingerprints.learnPod(fingerprint, pods.find(words, at));
  }

  /** A token keeps its id. */
  #fillTokenId(fingerprint: number, words: Uint32Array, at: number): void {
    const { fingerprints, reuses } = this.#parts;
    if (fingerprint === 0 || reuses.isKnown(fingerprints.tokenId(fingerprint))) return;
    fingerprints.learnTokenId(fingerprint, reuses.intern(CREDENTIAL_ID.token, words, at));
  }
}
