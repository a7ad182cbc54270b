import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { parseFingerprintKeys } from "../src/credential/fingerprint.ts";

/** Makes of secrets what tells them apart and nothing else. */
export type Digester = {
  /** Of a token, whose entropy no guess can reach: its SHA-256 (the `ath` of RFC 9449), keyed where there is a key. */
  readonly ofToken: (token: string) => string;
  /** Of a secret that somebody may guess: keyed, or undefined where there is no key. */
  readonly ofSecret: (kind: "basic" | "key", secret: string) => string | undefined;
  /** Of a name that is only compared, such as a token's id. */
  readonly ofName: (name: string) => string;
};

/** `key`: the line of the collector's `fingerprint.key`, so that what is made here compares with what it makes itself. */
export function createDigester(key: string | undefined): Digester {
  const parsed = key === undefined ? null : parseFingerprintKeys(key);
  if (parsed === null) return { ofToken: plain, ofSecret: () => undefined, ofName: plain };
  const secretKey = createSecretKey(parsed.bytes);
  const keyed = (message: Buffer) => `hmac-sha256:${parsed.id}:${hmac(secretKey, message)}`;
  return {
    ofToken: (token) => keyed(createHash("sha256").update(token).digest()),
    ofSecret: (kind, secret) => keyed(Buffer.from(`${kind}\0${secret}`)),
    ofName: plain,
  };
}

function plain(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("base64url")}`;
}

function hmac(key: KeyObject, message: Buffer): string {
  return createHmac("sha256", key).update(message).digest("base64url");
}
