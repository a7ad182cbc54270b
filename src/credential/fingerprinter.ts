import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import { BoundedCache } from "./bounded-cache.ts";
import type { FingerprintKey } from "./fingerprint.ts";

const DIGESTS_MAX = 65_536;
const KEYED_DIGEST = /^hmac-sha256:([^:]{1,64}):([A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43})$/;
const BASE64URL_DIGEST = /^sha256:([A-Za-z0-9_-]{43})=?$/;
const HEX_DIGEST = /^(?:sha256:)?([0-9a-fA-F]{64})$/;

/**
 * Turns credentials, and digests of credentials, into keyed fingerprints.
 * A token is hashed with SHA-256 first, then keyed: so a raw token, the `ath` of RFC 9449 section 4.2 and a digest made
 * by a pipeline end as one fingerprint, and what is kept cannot be linked with any of them without the key.
 */
export class Fingerprinter {
  readonly #key: KeyObject;
  readonly #keyId: string;
  readonly #known = new BoundedCache<Uint32Array>(DIGESTS_MAX);

  constructor(key: FingerprintKey) {
    this.#key = createSecretKey(key.bytes);
    this.#keyId = key.id;
  }

  /** Of a token of high entropy, without its scheme. */
  ofToken(token: string): Uint32Array {
    return this.#ofDigest(hash("sha256", token, "base64url"));
  }

  /**
   * Of a secret that may be guessable, such as a password: keyed directly, because its bare digest could be guessed.
   * The domain keeps these apart from the fingerprints of tokens, whose message is 32 bytes of digest.
   */
  ofSecret(domain: "basic" | "key", secret: string): Uint32Array {
    return this.#keyed(Buffer.from(`${domain}\0${secret}`));
  }

  /** Of the SHA-256 of a token, told as `sha256:<base64url>` or in hex; null for any other text. */
  ofToldDigest(text: string): Uint32Array | null {
    const base64url = BASE64URL_DIGEST.exec(text)?.[1];
    if (base64url !== undefined) return this.#ofDigest(Buffer.from(base64url, "base64url").toString("base64url"));
    const hex = HEX_DIGEST.exec(text)?.[1];
    return hex === undefined ? null : this.#ofDigest(Buffer.from(hex, "hex").toString("base64url"));
  }

  /** What is told as `hmac-sha256:<key id>:<base64url>` was made with our key, or is null: it compares with nothing. */
  ofToldFingerprint(text: string): Uint32Array | null {
    const match = KEYED_DIGEST.exec(text);
    return match?.[1] === this.#keyId ? firstWords(Buffer.from(match[2] ?? "", "base64url")) : null;
  }

  #ofDigest(digest: string): Uint32Array {
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const words = this.#keyed(Buffer.from(digest, "base64url"));
    this.#known.set(digest, words);
    return words;
  }

  #keyed(message: Buffer): Uint32Array {
    return firstWords(createHmac("sha256", this.#key).update(message).digest());
  }
}

function firstWords(bytes: Buffer): Uint32Array {
  return Uint32Array.of(bytes.readUInt32BE(0), bytes.readUInt32BE(4), bytes.readUInt32BE(8), bytes.readUInt32BE(12));
}
