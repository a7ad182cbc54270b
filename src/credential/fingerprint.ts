import type { FingerprintText } from "../model/credential.ts";
import { OperatingError } from "../model/operating-error.ts";

/** The secret that keys all fingerprints: 32 random bytes, and the id that their texts carry. */
export type FingerprintKey = { readonly id: string; readonly bytes: Uint8Array };

const KEY_LINE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,31}) ([A-Za-z0-9_-]{43})$/;
const KEY_BYTES = 32;

/** The four big-endian words of a fingerprint as `h1:<key id>:<22 base64url characters>`. */
export function fingerprintText(keyId: string, words: ArrayLike<number>): FingerprintText {
  const bytes = Buffer.alloc(16);
  for (let index = 0; index < 4; index++) bytes.writeUInt32BE((words[index] ?? 0) >>> 0, index * 4);
  return `h1:${keyId}:${bytes.toString("base64url")}`;
}

/** The key in the text of a key file, which is one line: `<key id> <base64url of 32 bytes>`. Never quotes the text. */
export function parseFingerprintKey(text: string): FingerprintKey {
  const match = KEY_LINE.exec(text.trim());
  const bytes = Buffer.from(match?.[2] ?? "", "base64url");
  const id = match?.[1];
  if (id === undefined || bytes.length !== KEY_BYTES) {
    throw new OperatingError(
      "bad-argument",
      "expected the fingerprint key to be one line `<key id> <base64url of 32 bytes>`, got something else",
    );
  }
  return { id, bytes: new Uint8Array(bytes) };
}

/** The text of a key file that {@link parseFingerprintKey} reads back. */
export function formatFingerprintKey(key: FingerprintKey): string {
  return `${key.id} ${Buffer.from(key.bytes).toString("base64url")}\n`;
}
