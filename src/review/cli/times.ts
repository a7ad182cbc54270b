const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** How long ago, in the largest whole unit, for example `3m ago`; an ISO minute when it lies ahead. */
export function ageOf(iso: string, nowMs: number): string {
  const age = nowMs - Date.parse(iso);
  if (age < 0) return minuteOf(iso);
  const [unit, length] = UNITS.find(([, length]) => age >= length) ?? ["s", 1000];
  return `${Math.floor(age / length)}${unit} ago`;
}

/** The same time to the minute, in UTC: `2026-03-01T10:00Z`. */
export function minuteOf(iso: string): string {
  return `${iso.slice(0, 16)}Z`;
}
