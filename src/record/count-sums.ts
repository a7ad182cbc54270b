import type { AliasSighting } from "../model/alias.ts";
import type { ServiceSighting, ShapeCount } from "../model/facts.ts";
import { CONFIDENCES, type Evidence } from "../model/graph.ts";
import { hourOf } from "./hours.ts";

/** What was counted on one shape, in one hour and with one confidence. */
export type ShapeSum = {
  readonly shapeKey: string;
  readonly hour: number;
  /** Its place in `CONFIDENCES`. */
  readonly confidence: number;
  readonly count: number;
  readonly estimated: number;
  /** First and last hop; infinite, the wrong way round, where hops were only retracted. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Of the last hop; null where it is not known, or there was none. */
  readonly evidence: Evidence | null;
};

/** All sightings of one service in one hour as one, which reaches back to `firstSeenMs`. */
export type ServiceSum = ServiceSighting & { readonly firstSeenMs: number };

/** What `counts`, `services` and `aliases` of commits come to. */
export type Sums = {
  readonly shapes: readonly ShapeSum[];
  readonly services: readonly ServiceSum[];
  readonly aliases: readonly AliasSighting[];
};

/**
 * One count as a sum. A retraction (negative) leaves first seen, last seen and evidence alone: they may overstate, but
 * never move because of something that did not happen.
 */
export function shapeSum(counted: ShapeCount): ShapeSum {
  const { shapeKey, count, estimated, firstSeenMs, lastSeenMs, evidence } = counted;
  const isSeen = count > 0;
  return {
    shapeKey,
    hour: hourOf(lastSeenMs),
    confidence: CONFIDENCES.indexOf(counted.confidence),
    count,
    estimated,
    firstSeenMs: isSeen ? firstSeenMs : Number.POSITIVE_INFINITY,
    lastSeenMs: isSeen ? lastSeenMs : Number.NEGATIVE_INFINITY,
    evidence: isSeen ? evidence : null,
  };
}

/** One sighting as a sum. */
export function serviceSum(sighting: ServiceSighting): ServiceSum {
  return { ...sighting, firstSeenMs: sighting.seenMs };
}

/** Adds up what commits counted, by the rows that it belongs to. */
export class CountSums {
  readonly #shapes = new Map<string, ShapeSum[]>();
  readonly #services = new Map<string, ServiceSum>();
  readonly #aliases = new Map<string, AliasSighting>();

  get isEmpty(): boolean {
    return this.#shapes.size + this.#services.size + this.#aliases.size === 0;
  }

  add({ shapes, services, aliases }: Sums): void {
    for (const sum of shapes) this.#addShape(sum);
    for (const sum of services) this.#addService(sum);
    for (const sighting of aliases) this.#addAlias(sighting);
  }

  /** The sums; neighbours in the database are neighbours here, in an order that depends on nothing but what was added. */
  ordered(): Sums {
    const byStart = new Map<string, ShapeSum[]>();
    for (const [key, sums] of this.#shapes) {
      const start = key.slice(0, 2);
      const group = byStart.get(start) ?? [];
      byStart.set(start, group);
      group.push(...sums);
    }
    const starts = [...byStart.keys()].sort();
    return {
      shapes: starts.flatMap((start) => byStart.get(start) ?? []),
      services: byKey(this.#services),
      aliases: byKey(this.#aliases),
    };
  }

  #addShape(sum: ShapeSum): void {
    const sums = this.#shapes.get(sum.shapeKey);
    const at = sums?.findIndex(({ hour, confidence }) => hour === sum.hour && confidence === sum.confidence) ?? -1;
    const before = sums?.[at];
    if (sums === undefined) this.#shapes.set(sum.shapeKey, [sum]);
    else if (before === undefined) sums.push(sum);
    else sums[at] = joinShapes(before, sum);
  }

  #addService(sum: ServiceSum): void {
    const key = JSON.stringify([sum.environment, sum.service, hourOf(sum.seenMs)]);
    const before = this.#services.get(key);
    this.#services.set(key, before === undefined ? sum : joinServices(before, sum));
  }

  #addAlias(sighting: AliasSighting): void {
    const key = JSON.stringify([sighting.environment, sighting.address, sighting.service]);
    const before = this.#aliases.get(key);
    this.#aliases.set(key, before === undefined ? sighting : joinAliases(before, sighting));
  }
}

function byKey<Sum>(sums: ReadonlyMap<string, Sum>): readonly Sum[] {
  const keys = [...sums.keys()].sort();
  return keys.flatMap((key) => sums.get(key) ?? []);
}

function joinShapes(before: ShapeSum, after: ShapeSum): ShapeSum {
  return {
    shapeKey: after.shapeKey,
    hour: after.hour,
    confidence: after.confidence,
    count: before.count + after.count,
    estimated: before.estimated + after.estimated,
    firstSeenMs: Math.min(before.firstSeenMs, after.firstSeenMs),
    lastSeenMs: Math.max(before.lastSeenMs, after.lastSeenMs),
    evidence: after.evidence ?? before.evidence,
  };
}

function joinServices(before: ServiceSum, after: ServiceSum): ServiceSum {
  return {
    environment: after.environment,
    service: after.service,
    runtime: after.runtime ?? before.runtime,
    release: after.release ?? before.release,
    spanCount: before.spanCount + after.spanCount,
    inboundCount: before.inboundCount + after.inboundCount,
    inboundCredentialCount: before.inboundCredentialCount + after.inboundCredentialCount,
    outboundCount: before.outboundCount + after.outboundCount,
    outboundCredentialCount: before.outboundCredentialCount + after.outboundCredentialCount,
    isInPods: before.isInPods === true || after.isInPods === true,
    firstSeenMs: Math.min(before.firstSeenMs, after.firstSeenMs),
    seenMs: Math.max(before.seenMs, after.seenMs),
  };
}

/** What is taken back leaves first and last seen alone. */
function joinAliases(before: AliasSighting, after: AliasSighting): AliasSighting {
  const count = before.count + after.count;
  if (after.count <= 0) return { ...before, count };
  if (before.count <= 0) return { ...after, count };
  const firstSeenMs = Math.min(before.firstSeenMs, after.firstSeenMs);
  return { ...after, count, firstSeenMs, lastSeenMs: Math.max(before.lastSeenMs, after.lastSeenMs) };
}
