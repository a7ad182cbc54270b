import type Database from "better-sqlite3";
import type { ObservedService, TimeRange } from "../model/store.ts";
import type { ServiceSum } from "./count-sums.ts";
import { hourOf, hoursOf } from "./hours.ts";
import { toIso, toWholeMs } from "./row-values.ts";

/** Keeps who sent spans, and adds how many to the service's hours. What a sum does not say stays as it was. */
export function serviceSumWriter(db: Database.Database): (sum: ServiceSum) => void {
  const see = db.prepare(`
    INSERT INTO service (environment, service, runtime, release, first_seen_ms, last_seen_ms)
    VALUES (@environment, @service, @runtime, @release, @firstSeenMs, @seenMs)
    ON CONFLICT DO UPDATE SET
      runtime = COALESCE(excluded.runtime, runtime),
      release = COALESCE(excluded.release, release),
      first_seen_ms = MIN(first_seen_ms, excluded.first_seen_ms),
      last_seen_ms = MAX(last_seen_ms, excluded.last_seen_ms)`);
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
  return (sum) => {
    see.run({ ...sum, firstSeenMs: toWholeMs(sum.firstSeenMs), seenMs: toWholeMs(sum.seenMs) });
    add.run({ ...sum, hour: hourOf(sum.seenMs) });
  };
}

type Row = Omit<ObservedService, "firstSeen" | "lastSeen"> & {
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
};

/** Reads the services that sent spans in the hours of a range. */
export function serviceReader(db: Database.Database): (range: TimeRange) => readonly ObservedService[] {
  const select = db.prepare<[number, number], Row>(`
    SELECT environment, service, runtime, release,
      SUM(spans) AS spans, SUM(inbound) AS inbound, SUM(inbound_with_credential) AS inboundWithCredential,
      SUM(outbound) AS outbound, SUM(outbound_with_credential) AS outboundWithCredential,
      first_seen_ms AS firstSeenMs, last_seen_ms AS lastSeenMs
    FROM service_count
    JOIN service USING (environment, service)
    WHERE hour BETWEEN ? AND ?
    GROUP BY environment, service
    ORDER BY environment, service`);
  return (range) =>
    select.all(...hoursOf(range)).map(({ firstSeenMs, lastSeenMs, ...row }) => ({
      ...row,
      firstSeen: toIso(firstSeenMs),
      lastSeen: toIso(lastSeenMs),
    }));
}
