import { hash } from "node:crypto";
import { alternativeName } from "./read-certificate.ts";

/** Visible ASCII, and no longer than what is kept of any name: two names must not become one by being cut. */
const NAME = /^[\x21-\x7e]{1,250}$/;

/**
 * Who a client certificate, whose chain somebody else has verified, is for: its SPIFFE id, else `cert:` and its first URI
 * or DNS name, else `cert:` and its SHA-256 in base64url.
 */
export function certificatePrincipal(der: Buffer): string {
  const name = alternativeName(der) ?? "";
  if (!NAME.test(name)) return `cert:${hash("sha256", der, "base64url")}`;
  return name.startsWith("spiffe://") ? name : `cert:${name}`;
}
