/** ISO 8601 in UTC of a stored moment. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Stored moments are whole milliseconds; a span's own may have fractions. */
export function toWholeMs(ms: number): number {
  return Math.floor(ms);
}

/** Names of a JSON array of names, sorted and distinct. */
export function parseDistinctNames(json: string): readonly string[] {
  return [...new Set(JSON.parse(json) as readonly string[])].sort();
}
