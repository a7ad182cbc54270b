import type Database from "better-sqlite3";
import type { ServiceSighting } from "../model/facts.ts";
import type { ObservedService, TimeRange } from "../model/store.ts";
import type { ServiceSum } from "./count-sums.ts";
import { HOUR_MS, hourOf, hoursOf } from "./hours.ts";
import { toIso, toWholeMs } from "./row-values.ts";

/** Keeps who sent spans, and adds how many to the service's hours. What a sum does not say stays as it was. */
export function serviceSumWriter(db: Database.Database): (sum: ServiceSum) => void {
  const see = db.prepare(`
    INSERT INTO service (environment, service, runtime, release, first_seen_ms, last_seen_ms, in_pods)
    VALUES (@environment, @service, @runtime, @release, @firstSeenMs, @seenMs, @inPods)
    ON CONFLICT DO UPDATE SET
      runtime = COALESCE(excluded.runtime, runtime),
      release = COALESCE(excluded.release, release),
      first_seen_ms = MIN(first_seen_ms, excluded.first_seen_ms),
      last_seen_ms = MAX(last_seen_ms, excluded.last_seen_ms),
      in_pods = MAX(in_pods, excluded.in_pods)`);
  const add = db.prepare(`
    INSERT INTO service_count (
      environment, service, hour, spans, inbound, inbound_with_credential, outbound, outbound_with_credential
    ) VALUES (
      @environment, @service, @hour, @spanCount, @inboundCount, @inboundCredentialCount, @outboundCount,
      @outboundCredentialCount
    )
    ON CONFLICT DO UPDATE SET
      spans = spans + excluded.spans,
      inbound = inbound + excluded.inbound,
      inbound_with_credential = inbound_with_credential + excluded.inbound_with_credential,
      outbound = outbound + excluded.outbound,
      outbound_with_credential = outbound_with_credential + excluded.outbound_with_credential`);
  return ({ isInPods = false, ...sum }) => {
    const times = { firstSeenMs: toWholeMs(sum.firstSeenMs), seenMs: toWholeMs(sum.seenMs) };
    see.run({ ...sum, ...times, inPods: Number(isInPods) });
    add.run({ ...sum, hour: hourOf(sum.seenMs) });
  };
}

type Row = Omit<ObservedService, "firstSeen" | "lastSeen" | "isInPods"> & {
  readonly inPods: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
};

/** Reads who sent how much, in all or by the hour, and when the first span of all came. */
export function serviceReaders(db: Database.Database) {
  return { inRange: serviceReader(db), byHour: serviceHourReader(db), sinceMs: observedSinceReader(db) };
}

/** Reads the services that sent spans in the hours of a range. */
function serviceReader(db: Database.Database): (range: TimeRange) => readonly ObservedService[] {
  const select = db.prepare<[number, number], Row>(`
    SELECT environment, service, runtime, release,
      SUM(spans) AS spans, SUM(inbound) AS inbound, SUM(inbound_with_credential) AS inboundWithCredential,
      SUM(outbound) AS outbound, SUM(outbound_with_credential) AS outboundWithCredential,
      first_seen_ms AS firstSeenMs, last_seen_ms AS lastSeenMs, in_pods AS inPods
    FROM service_count
    JOIN service USING (environment, service)
    WHERE hour BETWEEN ? AND ?
    GROUP BY environment, service
    ORDER BY environment, service`);
  return (range) =>
    select.all(...hoursOf(range)).map(({ firstSeenMs, lastSeenMs, inPods, ...row }) => ({
      ...row,
      isInPods: inPods !== 0,
      firstSeen: toIso(firstSeenMs),
      lastSeen: toIso(lastSeenMs),
    }));
}

type HourRow = Omit<ServiceSighting, "seenMs"> & { readonly hour: number };

/** Reads how much each service sent in each hour from a moment on. */
function serviceHourReader(db: Database.Database): (fromMs: number) => readonly ServiceSighting[] {
  const select = db.prepare<[number], HourRow>(`
    SELECT environment, service, runtime, release, hour, spans AS spanCount, inbound AS inboundCount,
      inbound_with_credential AS inboundCredentialCount, outbound AS outboundCount,
      outbound_with_credential AS outboundCredentialCount
    FROM service_count
    JOIN service USING (environment, service)
    WHERE hour >= ?
    ORDER BY hour, environment, service`);
  return (fromMs) => select.all(hourOf(fromMs)).map(({ hour, ...row }) => ({ ...row, seenMs: hour * HOUR_MS }));
}

/** Reads when the first service was first seen. */
function observedSinceReader(db: Database.Database): () => number | null {
  const select = db.prepare<[], number | null>("SELECT MIN(first_seen_ms) FROM service").pluck();
  return () => select.get() ?? null;
}
