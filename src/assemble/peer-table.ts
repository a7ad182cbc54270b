import type { PeerIdentity } from "../model/credential.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import { OVERFLOW_NAME } from "./interner.ts";

const PEERS_MAX = 10_000;
/** Stands for all identities past the bound: a certificate was shown, and no more is said of it. */
const OVERFLOW_PEER: PeerIdentity = { id: OVERFLOW_NAME, source: "certificate", isVerified: false };

/** Distinct identities of far ends as small integers, counted from 1; 0 is "none shown". */
export class PeerTable {
  readonly #numbers = new Map<string, number>();
  readonly #peers: (PeerIdentity | null)[] = [null];
  #batchNumbers: readonly number[] = [];
  overflows = 0;

  /** Makes a batch's identities ours; call before {@link number}. */
  begin(batch: SpanBatch): void {
    this.#batchNumbers = batch.peers.map((peer) => this.#intern(peer));
  }

  /** The number of the far end of a span of the batch that was begun last. */
  number(batch: SpanBatch, span: number): number {
    return this.#batchNumbers[(batch.peerIndexes[span] ?? 0) - 1] ?? 0;
  }

  peer(number: number): PeerIdentity | null {
    return this.#peers[number] ?? null;
  }

  #intern(peer: PeerIdentity): number {
    const key = JSON.stringify([peer.id, peer.source, peer.isVerified]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#peers.length > PEERS_MAX && peer !== OVERFLOW_PEER) {
      this.overflows++;
      return this.#intern(OVERFLOW_PEER);
    }
    this.#peers.push({ id: peer.id, source: peer.source, isVerified: peer.isVerified });
    this.#numbers.set(key, this.#peers.length - 1);
    return this.#peers.length - 1;
  }
}
