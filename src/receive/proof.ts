import type { Socket } from "node:net";

/** What the certificate of a connection proves. */
export type Proof = {
  /** Null for a connection without a certificate. */
  readonly name: string | null;
  /** In milliseconds since 1970. */
  readonly validTo: number;
  /** Ends the connection. */
  readonly end: () => void;
};

/** Kept on the socket itself: addresses can be shared, and what HTTP/2 shows of a socket is another object. */
const PROOF = Symbol("proof");
type Bearer = { [PROOF]?: Proof };

/** Lets a connection's requests find its proof. */
export function attachProof(socket: Socket, proof: Proof): void {
  (socket as Bearer)[PROOF] = proof;
}

/** The proof of a connection, also by the stand-in that HTTP/2 has for its socket. */
export function proofOf(socket: Socket | undefined): Proof | undefined {
  return (socket as Bearer | undefined)?.[PROOF];
}
