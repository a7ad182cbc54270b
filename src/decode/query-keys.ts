import { URL_KEYS } from "../credential/url-keys.ts";

const [QUESTION, AMPERSAND, SEMICOLON, EQUALS, HASH, AT, PERCENT, SLASH] = [
  0x3f, 0x26, 0x3b, 0x3d, 0x23, 0x40, 0x25, 0x2f,
];
const SEPARATORS: ReadonlySet<number> = new Set([AMPERSAND, SEMICOLON, QUESTION]);
const LOWER_CASE = 0x20;
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

/** Hashes of the names that count; another name may have the same one, and is looked at more closely then. */
const KEYS: ReadonlySet<number> = new Set([...URL_KEYS.keys()].map(hashOf));

/**
 * True where a URL may hold a credential: a parameter of one of the names, or user info. Reads bytes once, makes nothing:
 * most URLs hold none, and are not decoded for it.
 */
export function mayHoldCredential(view: DataView, start: number, end: number): boolean {
  let at = start;
  let slashes = 0;
  for (; at < end; at += 1) {
    const byte = view.getUint8(at);
    if (byte === QUESTION) return hasKey(view, at + 1, end);
    if (byte === SLASH) slashes += 1;
    else if (byte === AT && slashes === 2) return true;
    else if (byte === HASH) return false;
  }
  return false;
}

/** The same for a query alone. */
export function hasKey(view: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const nameEnd = readName(view, at, end);
    if (nameEnd < 0) return true;
    for (at = nameEnd; at < end && !SEPARATORS.has(view.getUint8(at)); ) at += 1;
  }
  return false;
}

/** Where the name that starts here ends; -1 where it may be one that counts. An encoded one is rare enough for that. */
function readName(view: DataView, start: number, end: number): number {
  let hash = SEED;
  for (let at = start; at < end; at += 1) {
    const byte = view.getUint8(at);
    if (byte === EQUALS) return KEYS.has(hash) ? -1 : at;
    if (byte === PERCENT) return -1;
    if (byte === HASH) return end;
    if (SEPARATORS.has(byte)) return at;
    hash = mixed(hash, byte);
  }
  return end;
}

function hashOf(name: string): number {
  return [...Buffer.from(name)].reduce(mixed, SEED);
}

/** Letters alike in both cases; so are `-` and carriage return, which does no harm. */
function mixed(hash: number, byte: number): number {
  return Math.imul(hash ^ (byte | LOWER_CASE), PRIME) >>> 0;
}
