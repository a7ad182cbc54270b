import type { TimeRange } from "../model/store.ts";

/** An hour. */
export const HOUR_MS = 3_600_000;

/** The hour since 1970 that a moment lies in; counts are kept by it. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS);
}

/** First and last hour that overlap a range; open ends reach as far as integers do. */
export function hoursOf(range: TimeRange): [number, number] {
  return [
    range.fromMs === null ? Number.MIN_SAFE_INTEGER : hourOf(range.fromMs),
    range.toMs === null ? Number.MAX_SAFE_INTEGER : hourOf(range.toMs),
  ];
}
