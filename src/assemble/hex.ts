const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Words `from` to `to` as lower-case hex, eight digits each. */
export function hex(words: Uint32Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) {
    const word = words[i] ?? 0;
    text += `${BYTES[word >>> 24]}${BYTES[(word >>> 16) & 255]}${BYTES[(word >>> 8) & 255]}${BYTES[word & 255]}`;
  }
  return text;
}
