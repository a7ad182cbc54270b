/** Seconds from `iat` to `exp`, rounded down to two significant digits; null where one is unknown or they make no sense. */
export function roundLifetime(issuedAtS: number, expiresAtS: number): number | null {
  const seconds = Math.floor(expiresAtS - issuedAtS);
  if (!(seconds > 0)) return null;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(seconds)) - 1);
  return Math.floor(seconds / unit) * unit;
}
