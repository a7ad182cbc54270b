import { hash } from "node:crypto";
import type { FingerprintText } from "../model/credential.ts";
import { OperatingError } from "../model/operating-error.ts";

/** A secret that keys fingerprints: 32 random bytes, and the id that their texts carry. */
export type FingerprintKey = { readonly id: string; readonly bytes: Uint8Array };

/** The key that is in use; those before it, newest first, which known credentials keep; ids of those that are gone. */
export type FingerprintKeys = FingerprintKey & {
  readonly older?: readonly FingerprintKey[];
  readonly erasedIds?: readonly string[];
};

const KEY_LINE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,31}) ([A-Za-z0-9_-]{43}|erased)$/;
const ERASED = "erased";
const KEY_BYTES = 32;

/**
 * The byte that the fingerprints of a key end with, so that each tells which key made it. 120 bits of HMAC are left,
 * which is plenty for telling credentials apart.
 */
export function keyTag(keyId: string): number {
  return Number.parseInt(hash("sha256", keyId).slice(0, 2), 16);
}

/** The four big-endian words of a fingerprint as `h1:<key id>:<22 base64url characters>`. */
export function fingerprintText(keys: FingerprintKeys, words: ArrayLike<number>): FingerprintText {
  const bytes = Buffer.alloc(16);
  for (let index = 0; index < 4; index++) bytes.writeUInt32BE((words[index] ?? 0) >>> 0, index * 4);
  return `h1:${idOf(keys, bytes[15] ?? 0)}:${bytes.toString("base64url")}`;
}

function idOf({ id, older = [], erasedIds = [] }: FingerprintKeys, tag: number): string {
  if (older.length === 0 && erasedIds.length === 0) return id;
  return [id, ...older.map((key) => key.id), ...erasedIds].find((one) => keyTag(one) === tag) ?? id;
}

/** The keys in the text of a key file: lines `<key id> <base64url of 32 bytes>`, or `erased`; the newest first. Never quotes the text. */
export function parseFingerprintKeys(text: string): FingerprintKeys {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => KEY_LINE.exec(line.trim()));
  const keys = lines.flatMap((match) => (match === null || match[2] === ERASED ? [] : [keyOf(match)]));
  const [current, ...older] = keys;
  const isWhole = lines[0]?.[2] !== ERASED && lines.every((match) => match !== null) && keys.every(isLongEnough);
  if (current === undefined || !isWhole) {
    throw new OperatingError(
      "bad-argument",
      "expected the fingerprint key to be lines `<key id> <base64url of 32 bytes>`, got something else",
    );
  }
  const erasedIds = lines.flatMap((match) => (match?.[2] === ERASED ? [match[1] ?? ""] : []));
  return { ...current, ...(older.length > 0 ? { older } : {}), ...(erasedIds.length > 0 ? { erasedIds } : {}) };
}

/** The text of a key file that {@link parseFingerprintKeys} reads back. */
export function formatFingerprintKeys({ older = [], erasedIds = [], ...current }: FingerprintKeys): string {
  const whole = [current, ...older].map(({ id, bytes }) => `${id} ${Buffer.from(bytes).toString("base64url")}\n`);
  return [...whole, ...erasedIds.map((id) => `${id} ${ERASED}\n`)].join("");
}

function keyOf([, id = "", bytes = ""]: RegExpExecArray): FingerprintKey {
  return { id, bytes: new Uint8Array(Buffer.from(bytes, "base64url")) };
}

function isLongEnough({ bytes }: FingerprintKey): boolean {
  return bytes.length === KEY_BYTES;
}
