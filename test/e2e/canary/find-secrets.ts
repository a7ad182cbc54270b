import { createHash } from "node:crypto";
import { SECRETS } from "./secrets.ts";

/** A dozen characters of a secret are a part of it. */
const FRAGMENT = 12;
const FOUND_MAX = 20;
const FRAGMENTS = new Map<string, string>();
/** Which hashes the fragments' beginnings have: a look at it is cheaper than one into the map. */
const HASHED = 8;
const HASHES = new Uint8Array(1 << 24);
const BASE = 0x01000193;
const LEAVING = Array.from({ length: HASHED }).reduce<number>((power) => Math.imul(power, BASE), 1);
/** `A` to `Z` have this bit more as `a` to `z`; what else it folds together is told apart by the fragment itself. */
const CASE = 0x20;

for (const [name, secret] of SECRETS)
  for (const [form, text] of formsOf(secret)) addFragments(`${name}, ${form}`, text);

/** A secret, each of its parts, and its digest, as they may be spelled. */
function formsOf(secret: string): (readonly [form: string, text: string])[] {
  const digest = createHash("sha256").update(secret).digest();
  const signature = secret.startsWith("eyJ")
    ? Buffer.from(secret.split(".").at(-1) ?? "", "base64url")
    : Buffer.alloc(0);
  return [
    ["plain", secret],
    ...spellingsOf("", Buffer.from(secret)),
    ...spellingsOf("digest ", digest),
    ...spellingsOf("signature ", signature),
  ];
}

function spellingsOf(what: string, bytes: Buffer): (readonly [form: string, text: string])[] {
  const hex = bytes.toString("hex");
  // Where it stands among other bytes decides how base64 cuts them; its first and last characters depend on those.
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/u, "")
      .slice(before === 0 ? 0 : before + 1, -1),
  );
  return [
    [`${what}bytes`, bytes.toString("latin1")],
    [`${what}in hex`, hex],
    [`${what}percent-encoded`, hex.replaceAll(/../gu, "%$&")],
    ...inBase64.map((text) => [`${what}in base64`, text] as const),
    ...inBase64.map((text) => [`${what}in base64url`, text.replaceAll("+", "-").replaceAll("/", "_")] as const),
  ];
}

/** In lower case: what folds the case of a secret has kept it all the same. */
function addFragments(what: string, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  eachHash(bytes, (start, slot) => {
    HASHES[slot] = 1;
    const fragment = fragmentAt(bytes, start);
    if (!FRAGMENTS.has(fragment)) FRAGMENTS.set(fragment, `${what}, from ${start}`);
  });
}

/** Calls back with where each fragment starts and the rolling hash of its beginning. */
function eachHash(bytes: Uint8Array, take: (start: number, slot: number) => void): void {
  let hash = 0;
  for (let at = 0; at < bytes.length; at++) {
    hash = (Math.imul(hash, BASE) + ((bytes[at] ?? 0) | CASE)) | 0;
    const start = at + 1 - HASHED;
    if (start > 0) hash = (hash - Math.imul((bytes[start - 1] ?? 0) | CASE, LEAVING)) | 0;
    if (start >= 0 && start + FRAGMENT <= bytes.length) take(start, hash >>> 8);
  }
}

function fragmentAt(bytes: Uint8Array, at: number): string {
  return textAt(bytes, at, at + FRAGMENT).toLowerCase();
}

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(Math.max(0, start), end)).toString("latin1");
}

/** Which secrets a text holds in any usual spelling, or a dozen characters of: each once, and behind what it stands. */
export function findSecrets(text: string): readonly string[] {
  return findSecretsIn(Buffer.from(text));
}

function everySecond(bytes: Uint8Array, from: number): Uint8Array {
  const half = new Uint8Array(bytes.length >> 1);
  for (let at = 0; at < half.length; at++) half[at] = bytes[from + 2 * at] ?? 0;
  return half;
}

function findSecretsIn(bytes: Uint8Array): readonly string[] {
  const found = new Map<string, string>();
  eachHash(bytes, (start, slot) => {
    if (HASHES[slot] === 0 || found.size === FOUND_MAX) return;
    const what = FRAGMENTS.get(fragmentAt(bytes, start));
    const name = what?.split(",", 1)[0] ?? "";
    if (what === undefined || found.has(name)) return;
    found.set(name, `${what}, behind ${JSON.stringify(textAt(bytes, start - 60, start))}`);
  });
  return [...found.values()];
}

/** The same in a file, also where it keeps text in UTF-16, as V8 does. */
export function findSecretsInFile(bytes: Uint8Array): readonly string[] {
  return [bytes, everySecond(bytes, 0), everySecond(bytes, 1)].flatMap(findSecretsIn);
}
