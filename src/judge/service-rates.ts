import type { ServiceSighting } from "../model/facts.ts";

export const HOUR_MS = 3_600_000;
/** A week to compare with, a day that is compared, and the hour that is not over. */
const HOURS_KEPT = 8 * 24 + 1;
/** How far back {@link ServiceRates} reaches. */
export const RATES_KEPT_MS = HOURS_KEPT * HOUR_MS;
const SERVICES_MAX = 10_000;
const ENVIRONMENTS_MAX = 1_000;
const COLUMNS = 3;

/** What a service sent in one hour. */
export type HourCounts = {
  readonly spans: number;
  readonly inbound: number;
  readonly inboundWithCredential: number;
};

/** What a service sent, hour by hour. */
export type ServiceRate = {
  readonly environment: string;
  readonly service: string;
  /** Whole hours, the latest first; null where nobody in the environment sent anything, so that nothing can be said. */
  readonly hours: readonly (HourCounts | null)[];
};

type Entry = {
  readonly environment: string;
  readonly service: string;
  readonly cells: Uint32Array;
  lastHour: number;
};

/**
 * How much each service sent in each hour of the last eight days. Hours are counted since 1970; where there are too
 * many services, further ones are not watched.
 */
export class ServiceRates {
  readonly #entries = new Map<string, Entry>();
  /** The hours in which anybody was heard, by environment. */
  readonly #heard = new Map<string, Set<number>>();

  /** Adds what a service sent to its hour. */
  learn({ environment, service, ...counts }: ServiceSighting): void {
    const hour = Math.floor(counts.seenMs / HOUR_MS);
    const entry = this.#entryOf(environment, service, hour);
    if (entry === null || !advance(entry, hour)) return;
    this.#hear(environment, hour);
    const at = cellOf(hour);
    const { cells } = entry;
    cells[at] = (cells[at] ?? 0) + counts.spanCount;
    cells[at + 1] = (cells[at + 1] ?? 0) + counts.inboundCount;
    cells[at + 2] = (cells[at + 2] ?? 0) + counts.inboundCredentialCount;
  }

  /** All services, with the hours that are over by then. */
  *rates(nowMs: number): Generator<ServiceRate> {
    const nowHour = Math.floor(nowMs / HOUR_MS);
    for (const entry of this.#entries.values()) {
      const { environment, service } = entry;
      const heard = this.#heard.get(environment) ?? new Set<number>();
      const hours = Array.from({ length: HOURS_KEPT - 1 }, (_, index) => {
        const hour = nowHour - 1 - index;
        return heard.has(hour) ? countsIn(entry, hour) : null;
      });
      yield { environment, service, hours };
    }
  }

  #entryOf(environment: string, service: string, hour: number): Entry | null {
    const key = `${environment}\n${service}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size >= SERVICES_MAX) return null;
    const entry = { environment, service, cells: new Uint32Array(HOURS_KEPT * COLUMNS), lastHour: hour };
    this.#entries.set(key, entry);
    return entry;
  }

  #hear(environment: string, hour: number): void {
    const heard = this.#heard.get(environment) ?? new Set<number>();
    if (heard.size === 0 && this.#heard.size >= ENVIRONMENTS_MAX) return;
    this.#heard.set(environment, heard.add(hour));
    if (heard.size <= 2 * HOURS_KEPT) return;
    for (const old of heard) if (old <= hour - HOURS_KEPT) heard.delete(old);
  }
}

/** Makes room for an hour; false for one that is too long ago. */
function advance(entry: Entry, hour: number): boolean {
  if (hour <= entry.lastHour - HOURS_KEPT) return false;
  const from = Math.max(entry.lastHour + 1, hour - HOURS_KEPT + 1);
  for (let passed = from; passed <= hour; passed++) entry.cells.fill(0, cellOf(passed), cellOf(passed) + COLUMNS);
  entry.lastHour = Math.max(entry.lastHour, hour);
  return true;
}

function countsIn({ cells, lastHour }: Entry, hour: number): HourCounts {
  if (hour > lastHour || hour <= lastHour - HOURS_KEPT) return { spans: 0, inbound: 0, inboundWithCredential: 0 };
  const at = cellOf(hour);
  return { spans: cells[at] ?? 0, inbound: cells[at + 1] ?? 0, inboundWithCredential: cells[at + 2] ?? 0 };
}

function cellOf(hour: number): number {
  return (hour % HOURS_KEPT) * COLUMNS;
}
