import { createHash } from "node:crypto";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** 26 lower-case base32 characters (RFC 4648, 130 bits) of SHA-256 over the canonical JSON of a value without objects. */
export function stableHash(value: readonly unknown[]): string {
  const digest = createHash("sha256").update(JSON.stringify(value)).digest();
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of digest) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < 26) {
      bits -= 5;
      text += BASE32[(held >>> bits) & 31];
    }
    held &= 31;
  }
  return text;
}
