const POD_ID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})([0-9a-f]{8})$/iu;

/**
 * The 128 bits of a pod's uid as four big-endian words; null for what is none. A uid is random and no secret: it is
 * compared as it is, so that tokens and resources, which come by different ways, mean the same pod under every key.
 */
export function podIdOf(text: string): Uint32Array | null {
  const [, one, two, three, four, five, six] = POD_ID.exec(text) ?? [];
  if (one === undefined) return null;
  return Uint32Array.from([one, `${two}${three}`, `${four}${five}`, `${six}`], (hex) => Number.parseInt(hex, 16));
}
