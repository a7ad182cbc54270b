import { hash } from "node:crypto";
import type { JsonObject } from "./infer-role.ts";

/** The members that make a key, in the order of RFC 7638 section 3.3, by `kty`. */
const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map([
  ["EC", ["crv", "kty", "x", "y"]],
  ["OKP", ["crv", "kty", "x"]],
  ["RSA", ["e", "kty", "n"]],
]);

/** The thumbprint of a public key by RFC 7638, SHA-256 in base64url; null for what is no such key. */
export function jwkThumbprint(jwk: unknown): string | null {
  if (typeof jwk !== "object" || jwk === null) return null;
  const key = jwk as JsonObject;
  const names = typeof key.kty === "string" ? REQUIRED.get(key.kty) : undefined;
  if (names === undefined || !names.every((name) => typeof key[name] === "string")) return null;
  return hash("sha256", JSON.stringify(Object.fromEntries(names.map((name) => [name, key[name]]))), "base64url");
}
