import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import { BoundedCache } from "./bounded-cache.ts";
import { type FingerprintKey, type FingerprintKeys, keyTag } from "./fingerprint.ts";

const DIGESTS_MAX = 65_536;
const KEYED_DIGEST = /^hmac-sha256:([^:]{1,64}):([A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43})$/;
const BASE64URL_DIGEST = /^sha256:([A-Za-z0-9_-]{43})=?$/;
const HEX_DIGEST = /^(?:sha256:)?([0-9a-fA-F]{64})$/;

type Key = { readonly id: string; readonly secret: KeyObject; readonly tag: number };

/**
 * Turns credentials, and digests of credentials, into keyed fingerprints.
 * A token is hashed with SHA-256 first, then keyed: so a raw token, the `ath` of RFC 9449 section 4.2 and a digest made
 * by a pipeline end as one fingerprint, and what is kept cannot be linked with any of them without the key.
 * A credential that was seen under an older key keeps that key's fingerprint for as long as the key is there, so that a
 * rotation makes no known token a new one.
 */
export class Fingerprinter {
  readonly #current: Key;
  readonly #older: readonly Key[];
  readonly #known = new BoundedCache<Uint32Array>(DIGESTS_MAX);
  readonly #remembered = new Set<string>();

  constructor(keys: FingerprintKeys) {
    this.#current = toKey(keys);
    this.#older = (keys.older ?? []).map(toKey);
  }

  /** What an earlier run had seen, four words each: those of an older key stay theirs. */
  remember(fingerprints: Uint32Array): void {
    if (this.#older.length === 0) return;
    for (let at = 0; at < fingerprints.length; at += 4) {
      if (this.#older.some(({ tag }) => tag === ((fingerprints[at + 3] ?? 0) & 0xff))) {
        this.#remembered.add(spell(fingerprints.subarray(at, at + 4)));
      }
    }
  }

  /** SHA-256 of a token without its scheme, in base64url. */
  digestOf(token: string): string {
    return hash("sha256", token, "base64url");
  }

  /** Of a token of high entropy, by its digest. */
  ofDigest(digest: string): Uint32Array {
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const words = this.#keyed(Buffer.from(digest, "base64url"));
    this.#known.set(digest, words);
    return words;
  }

  /**
   * Of a secret that may be guessable, such as a password: keyed directly, because its bare digest could be guessed.
   * The domain keeps these apart from the fingerprints of tokens, whose message is 32 bytes of digest.
   */
  ofSecret(domain: "basic" | "key" | "cookie" | "aws", secret: string): Uint32Array {
    return this.#keyed(Buffer.from(`${domain}\0${secret}`));
  }

  /**
   * Of names that are only compared: whom a token is about, what it is called. The oldest key makes them, so that they
   * stay what they are until it is erased.
   */
  ofNames(domain: string, names: readonly string[]): Uint32Array {
    const message = ["id", domain, ...names].map((part) => `${part.length}:${part}`).join("");
    return firstWords(hmac(this.#older.at(-1) ?? this.#current, Buffer.from(message)));
  }

  /** The SHA-256 of a token that is told as `sha256:<base64url>` or in hex, in base64url; null for any other text. */
  readToldDigest(text: string): string | null {
    const base64url = BASE64URL_DIGEST.exec(text)?.[1];
    if (base64url !== undefined) return Buffer.from(base64url, "base64url").toString("base64url");
    const hex = HEX_DIGEST.exec(text)?.[1];
    return hex === undefined ? null : Buffer.from(hex, "hex").toString("base64url");
  }

  /** What is told as `hmac-sha256:<key id>:<base64url>` was made with a key of ours, or is null: it compares with nothing. */
  ofToldFingerprint(text: string): Uint32Array | null {
    const [, id, told = ""] = KEYED_DIGEST.exec(text) ?? [];
    const key = [this.#current, ...this.#older].find((one) => one.id === id);
    return key === undefined ? null : tagged(firstWords(Buffer.from(told, "base64url")), key);
  }

  #keyed(message: Buffer): Uint32Array {
    for (const key of this.#older) {
      const words = tagged(firstWords(hmac(key, message)), key);
      if (this.#remembered.has(spell(words))) return words;
    }
    return tagged(firstWords(hmac(this.#current, message)), this.#current);
  }
}

function toKey({ id, bytes }: FingerprintKey): Key {
  return { id, secret: createSecretKey(bytes), tag: keyTag(id) };
}

function hmac({ secret }: Key, message: Buffer): Buffer {
  return createHmac("sha256", secret).update(message).digest();
}

function tagged(words: Uint32Array, { tag }: Key): Uint32Array {
  words[3] = (((words[3] ?? 0) & 0xffffff00) | tag) >>> 0;
  return words;
}

function firstWords(bytes: Buffer): Uint32Array {
  return Uint32Array.of(bytes.readUInt32BE(0), bytes.readUInt32BE(4), bytes.readUInt32BE(8), bytes.readUInt32BE(12));
}

function spell(words: Uint32Array): string {
  return words.join();
}
