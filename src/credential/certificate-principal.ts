import { hash } from "node:crypto";
import { alternativeNames } from "./read-certificate.ts";

/** Visible ASCII, and no longer than what is kept of any name: two names must not become one by being cut. */
const NAME = /^[\x21-\x7e]{1,250}$/;

/**
 * Who a client certificate, whose chain somebody else has verified, is for: its SPIFFE id, else `cert:` and its first URI
 * or DNS name, else, and where it has two SPIFFE ids, `cert:` and its SHA-256 in base64url.
 */
export function certificatePrincipal(der: Buffer): string {
  const names = alternativeNames(der);
  const uris = names.filter(({ kind }) => kind === "uri").map(({ text }) => text);
  const [spiffe, ...more] = uris.filter((text) => text.startsWith("spiffe://"));
  const name = spiffe ?? uris[0] ?? names[0]?.text ?? "";
  // A SPIFFE certificate has one id; which of two is meant, nobody knows.
  if (more.length > 0 || !NAME.test(name)) return `cert:${hash("sha256", der, "base64url")}`;
  return spiffe ?? `cert:${name}`;
}
