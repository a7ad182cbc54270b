import type { OtlpRequest } from "../support/otlp.ts";
import type { Random } from "./random.ts";
import type { ToldSpan } from "./tell-spans.ts";
import type { Trace } from "./traces.ts";

/**
 * How long the spans of a trace keep each other waiting: not at all (a capture), less than until one-sided guesses are
 * made, or nearly as long as the window.
 */
export type Pace = "capture" | "prompt" | "late";

/** One export request and when it comes. */
export type Arrival = { readonly atMs: number; readonly request: OtlpRequest; readonly isConcluded: boolean };

export type Delivery = { readonly pace: Pace; readonly arrivals: readonly Arrival[]; readonly duplicates: number };

/** When the first request comes; far from the spans' own times, as clocks are not to be trusted. */
export const FIRST_ARRIVAL_MS = Date.UTC(2026, 6, 1);

const SPREADS_MS: Readonly<Record<Pace, number>> = { capture: 0, prompt: 14_000, late: 29_000 };
const TRACES_WITHIN_MS = 60_000;
/** Less than producers are remembered for. */
const QUEUED_MS = 50 * 60_000;

type Timed = { readonly told: ToldSpan; readonly atMs: number };

/** Shuffles, repeats and splits spans into export requests. Every span of a trace comes within the pace's spread. */
export function deliver(random: Random, spans: readonly ToldSpan[], pace: Pace): Delivery {
  const starts = chooseStarts(random, spans, pace);
  const again = random.chance(0.5) ? spans.filter(() => random.chance(0.3)) : [];
  const timed = random
    .shuffle([...spans, ...again])
    .map((told): Timed => ({ told, atMs: (starts.get(told.trace) ?? 0) + random.between(0, SPREADS_MS[pace]) }));
  const arrivals = split(
    random,
    timed.toSorted((one, other) => one.atMs - other.atMs),
  );
  return { pace, duplicates: again.length, arrivals };
}

/** Consumers come no earlier than what they link to, give or take the spread, and some of them much later. */
function chooseStarts(random: Random, spans: readonly ToldSpan[], pace: Pace): ReadonlyMap<Trace, number> {
  const starts = new Map<Trace, number>();
  const traces = [...new Set(spans.map(({ trace }) => trace))].sort((one, other) => one.number - other.number);
  for (const trace of traces) {
    const producers = trace.links.map((link) => starts.get(link.trace) ?? FIRST_ARRIVAL_MS);
    // Who publishes nobody knows what to nobody known is counted as unresolved until its consumer comes.
    const canQueue = producers.length > 0 && trace.links.every(({ call }) => call.isRouteTold);
    const queuedMs = canQueue && random.chance(0.3) ? random.between(0, QUEUED_MS) : 0;
    const firstMs = FIRST_ARRIVAL_MS + random.between(0, TRACES_WITHIN_MS);
    const startMs = producers.length > 0 ? Math.max(...producers) + queuedMs : firstMs;
    starts.set(trace, pace === "capture" ? FIRST_ARRIVAL_MS : startMs);
  }
  return starts;
}

/** A request comes when the last of its spans does. */
function split(random: Random, timed: readonly Timed[]): Arrival[] {
  const arrivals: Arrival[] = [];
  const sizeMax = random.pick([1, 4, 12, 40]);
  for (let from = 0; from < timed.length; ) {
    const size = Math.max(1, Math.min(random.between(1, sizeMax), withinASecond(timed, from)));
    const part = timed.slice(from, from + size);
    from += size;
    const atMs = part.at(-1)?.atMs ?? FIRST_ARRIVAL_MS;
    arrivals.push({
      atMs,
      request: requestOf(
        random,
        part.map(({ told }) => told),
      ),
      isConcluded: random.chance(0.4),
    });
  }
  return arrivals;
}

function withinASecond(timed: readonly Timed[], from: number): number {
  const firstMs = timed[from]?.atMs ?? 0;
  let count = 0;
  while ((timed[from + count]?.atMs ?? Number.POSITIVE_INFINITY) <= firstMs + 500) count++;
  return count;
}

/** Spans of one resource share it, or each has its own copy. */
function requestOf(random: Random, spans: readonly ToldSpan[]): OtlpRequest {
  if (random.chance(0.3)) {
    return { resourceSpans: spans.map(({ resource, span }) => ({ resource, scopeSpans: [{ spans: [span] }] })) };
  }
  const groups = Map.groupBy(spans, ({ resource }) => JSON.stringify(resource));
  return {
    resourceSpans: [...groups.values()].map((group) => ({
      resource: group[0]?.resource ?? {},
      scopeSpans: [{ spans: group.map(({ span }) => span) }],
    })),
  };
}
