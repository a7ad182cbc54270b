import type { X509Certificate } from "node:crypto";
import type { TLSSocket, TlsOptions, Server as TlsServer } from "node:tls";
import { OperatingError } from "../model/operating-error.ts";
import { Handshakes } from "./handshakes.ts";
import type { IngestKeys } from "./ingest-keys.ts";
import { logOnce } from "./log-once.ts";
import { attachProof, type Proof } from "./proof.ts";
import { senderOf } from "./sender-of.ts";
import type { ExportRequest, ReceiverLog } from "./take-export.ts";

const HANDSHAKE_MS_MAX = 10_000;

/** What the doors prove themselves with, and by whom they let senders be certified; PEM. */
export type DoorTls = {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Null: no sender is asked for a certificate. */
  readonly clientCa: Buffer | null;
};

export type SenderAccessOptions = {
  /** Null: nothing is encrypted. */
  readonly tls: DoorTls | null;
  /** Null: no sender is asked for a key. */
  readonly keys: IngestKeys | null;
  /** Who a verified certificate is for, from its DER. */
  readonly nameCertificate: (der: Buffer) => string;
  readonly log: ReceiverLog;
  /** Milliseconds since 1970; the wall clock where absent. */
  readonly now?: () => number;
};

/** What one request shows of its sender. */
export type Shown = {
  /** The header's values; usually one or none. */
  readonly authorization: readonly string[];
  /** Its address. */
  readonly sender: string;
  /** Absent where its connection is not encrypted, or gone. */
  readonly proof: Proof | undefined;
};

/** How senders are encrypted and asked who they are; the doors have it in common. */
export class SenderAccess {
  readonly #options: SenderAccessOptions;
  readonly #say: ReceiverLog;
  #refused = 0;

  constructor(options: SenderAccessOptions) {
    this.#options = options;
    this.#say = logOnce(options.log);
  }

  /** Requests that came with a wrong key. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether senders can prove who they are, and nobody can listen to it: then others may reach the doors. */
  get isGuarded(): boolean {
    return this.#options.tls !== null && this.#isAsking;
  }

  /** What a TLS server is made with; null for none. */
  get tlsOptions(): TlsOptions | null {
    const { tls } = this.#options;
    if (tls === null) return null;
    const { cert, key, clientCa } = tls;
    const own = { cert, key, minVersion: "TLSv1.2", handshakeTimeout: HANDSHAKE_MS_MAX } as const;
    // Who has no certificate may have a key, or be nobody; a wrong one ends the connection.
    return clientCa === null ? own : { ...own, ca: clientCa, requestCert: true, rejectUnauthorized: false };
  }

  /** Looks at the certificates of a server's connections, and closes those with one that nobody vouches for. */
  watch(server: TlsServer): Handshakes {
    server.prependListener("secureConnection", (socket: TLSSocket) => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined || socket.authorized) {
        attachProof(socket, this.#proofBy(certificate, socket));
        return;
      }
      const sender = senderOf(socket.remoteAddress);
      this.#say("warn", `${sender} shows a certificate that --otlp-client-ca does not vouch for; it is closed`);
      socket.on("error", () => undefined).destroy();
    });
    server.on("tlsClientError", (_, socket) => {
      const sender = senderOf(socket.remoteAddress);
      this.#say("warn", `${sender} cannot agree on TLS with this collector`);
      // Of the servers only HTTP's does so.
      socket.destroy();
    });
    return new Handshakes(server);
  }

  #proofBy(certificate: X509Certificate | undefined, socket: TLSSocket): Proof {
    const end = () => void socket.destroy();
    if (certificate === undefined) return { name: null, validTo: Number.POSITIVE_INFINITY, end };
    return { name: this.#options.nameCertificate(certificate.raw), validTo: certificate.validToDate.getTime(), end };
  }

  /**
   * Who sends a request: what its connection's certificate says, else its key. Throws `unauthenticated` for a wrong key,
   * also beside a certificate.
   */
  identify({ authorization, sender, proof }: Shown): Pick<ExportRequest, "principal"> {
    if (!this.#isAsking) return {};
    const keyId = this.#keyOf(authorization, sender);
    const name = this.#isCertifying ? this.#certifiedBy(proof) : null;
    return { principal: name ?? (keyId === null ? null : `key:${keyId}`) };
  }

  #certifiedBy(proof: Proof | undefined): string | null {
    // Nobody's spans are anonymous because their sender was quick to hang up.
    if (proof === undefined)
      throw new OperatingError("malformed-request", "the sender closed the connection too early");
    if (proof.validTo < (this.#options.now ?? Date.now)()) {
      // A handshake is what looks at certificates; its sender may have a newer one.
      proof.end();
      throw new OperatingError("unauthenticated", "the certificate of the sender's connection has expired");
    }
    return proof.name;
  }

  get #isAsking(): boolean {
    return this.#options.keys !== null || this.#isCertifying;
  }

  get #isCertifying(): boolean {
    return this.#options.tls !== null && this.#options.tls.clientCa !== null;
  }

  #keyOf([first, ...more]: readonly string[], sender: string): string | null {
    const { keys } = this.#options;
    if (keys === null || first === undefined) return null;
    try {
      // Of two, nobody knows which counts.
      return keys.identify(more.length === 0 ? first : "");
    } catch (error) {
      this.#refused++;
      this.#say("warn", `${sender} sends an ingest key that --ingest-keys does not name; its spans are refused`);
      throw error;
    }
  }
}
