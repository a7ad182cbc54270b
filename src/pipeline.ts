import type { AlertBook } from "./alert/alert-book.ts";
import { alertKey } from "./alert/alert-key.ts";
import { wantedStatus } from "./alert/wanted-status.ts";
import type { Assembler } from "./assemble/assembler.ts";
import type { Decoder } from "./decode/decoder.ts";
import { createJudgeContext, isWithoutBaseline } from "./judge/judge-context.ts";
import type { Verdicts } from "./judge/verdicts.ts";
import type { Alert, AlertChanges } from "./model/alert.ts";
import type { Baseline } from "./model/baseline.ts";
import type { NewShape } from "./model/facts.ts";
import type { Finding, FindingHit } from "./model/finding.ts";
import type { SpanBatch } from "./model/span-batch.ts";
import { type CommitBatch, EMPTY_COMMIT, type JournalRow } from "./model/store.ts";
import type { ExportOutcome, ExportRequest } from "./receive/take-export.ts";

/** The rooms between the sockets and the store. */
export type Rooms = {
  readonly decoder: Decoder;
  readonly assembler: Assembler;
  readonly verdicts: Verdicts;
  readonly book: AlertBook;
};

/**
 * Export request → decoded spans → hops. Synchronous; throws `OperatingError` for a request that cannot be read.
 * `atMs` is collector time, which windows are measured in; `seenMs` is the wall's, for people.
 */
export function ingest(request: Request, rooms: Rooms, atMs: number, seenMs = atMs): SpanBatch {
  const batch = decode(request, rooms);
  rooms.assembler.add(batch, atMs, seenMs, request.principal);
  return batch;
}

/** The first half of {@link ingest}, for who wants to know what it is before it has any effect. */
export function decode({ bytes, encoding }: Request, { decoder }: Rooms): SpanBatch {
  return encoding === "json" ? decoder.decodeJson(bytes) : decoder.decodeProtobuf(bytes);
}

type Request = Omit<ExportRequest, "sender">;

/**
 * What a journal says came in comes in again, so that the spans that still wait are waiting again; nothing is counted.
 * Returns the shapes that were met. A span that comes back without its other half may make one that the store does not
 * know; they belong into the next commit, before anything is counted on them.
 */
export function replay(rows: Iterable<JournalRow>, { assembler, decoder, verdicts }: Rooms): readonly NewShape[] {
  assembler.memory.beginReplay();
  for (const { batch, atMs } of rows) {
    if (batch === null) {
      assembler.advance(atMs);
      continue;
    }
    decoder.remember(batch.credentials.fingerprints);
    assembler.add(batch, atMs);
  }
  assembler.memory.endReplay();
  // What came of these facts is written already; only shapes without hops are remembered nowhere else.
  const { newShapes, presentations } = assembler.takeFacts();
  const facts = { ...EMPTY_COMMIT, newShapes, presentations };
  verdicts.judge(facts);
  assembler.resetTotals();
  return facts.newShapes;
}

const NO_CHANGES: AlertChanges = { alerts: [], audit: [] };

/** Hops since the last time → findings → alerts: everything one commit has to write, but for the journal's rows. */
export function conclude(rooms: Rooms, atMs: number, seenMs = atMs): CommitBatch {
  const { assembler, verdicts, book } = rooms;
  const turned = turnPage(rooms, seenMs);
  assembler.advance(atMs, seenMs);
  const facts = assembler.takeFacts();
  const hits = [...verdicts.judge(facts), ...verdicts.pass(seenMs)];
  watch(hits, rooms);
  const changes = book.apply(hits, { nowMs: seenMs, baselineRevision: verdicts.revision });
  book.keep(changes);
  const identityUses = verdicts.takeUses();
  return { ...EMPTY_COMMIT, ...facts, identityUses, ...joined(turned, changes), ...assembler.memory.take() };
}

/** When a day has come on which something declared begins or ends, all is judged again as it holds from then on. */
function turnPage(rooms: Rooms, nowMs: number): AlertChanges {
  const { verdicts } = rooms;
  return nowMs < verdicts.untilMs ? NO_CHANGES : changeBaseline(verdicts.baseline, rooms, nowMs);
}

function joined(...parts: readonly AlertChanges[]): AlertChanges {
  return { alerts: parts.flatMap(({ alerts }) => alerts), audit: parts.flatMap(({ audit }) => audit) };
}

/** Once a day: what is declared and was not seen for long, and who is called and sends nothing. */
export function review({ verdicts, book }: Rooms, nowMs: number): AlertChanges {
  const hits = verdicts.review((id) => book.exceptionUsedMs(id), nowMs);
  const changes = book.apply(hits, { nowMs, baselineRevision: verdicts.revision });
  book.keep(changes);
  return changes;
}

/** Drift that goes on with one credential must not look as if it had ended. */
function watch(hits: readonly FindingHit[], { assembler }: Rooms): void {
  for (const { evidence } of hits) {
    const fingerprint = evidence?.fingerprint ?? null;
    if (fingerprint !== null) assembler.watch(fingerprint);
  }
}

/**
 * Judges everything again under a new baseline: what it covers is accepted, what it does not cover is raised. An alert
 * that is there already is no news, unless an earlier baseline had it accepted.
 */
export function changeBaseline(baseline: Baseline, rooms: Rooms, nowMs: number): AlertChanges {
  const { verdicts, book } = rooms;
  const context = { nowMs, baselineRevision: baseline.revision };
  const judging = createJudgeContext(baseline, verdicts.learned, nowMs);
  const hits = verdicts.rejudge(judging, nowMs);
  watch(hits, rooms);
  const news = hits.filter(({ finding }) => isNews(finding, book.get(alertKey(finding))));
  const raised = book.apply(news, context);
  book.keep(raised);
  // Where nothing is declared, nothing is covered: a baseline that went missing must not close what it had opened.
  if (isWithoutBaseline(judging)) return raised;
  const excepted = book.except((alert) => verdicts.exceptionOf(alert.finding), context);
  book.keep(excepted);
  const accepted = book.reconsider((alert) => verdicts.stands(alert.finding), context);
  book.keep(accepted);
  return joined(raised, excepted, accepted);
}

/** What was only proposed, or allowed by an exception, is news when it is neither any more. */
function isNews(finding: Finding, alert: Alert | null): boolean {
  if (alert === null || alert.status === "accepted") return true;
  const status = wantedStatus(finding);
  return status === "open" && (alert.status === "proposed" || alert.status === "excepted");
}

/** What the exporter is told of its spans: how many were left out, and why. */
export function outcomeOf({ rejected }: SpanBatch): ExportOutcome {
  if (rejected.size === 0) return { rejectedSpans: 0, message: "" };
  const reasons = [...rejected].map(([reason, count]) => `${count} ${count === 1 ? "span" : "spans"}: ${reason}`);
  const rejectedSpans = [...rejected.values()].reduce((sum, count) => sum + count, 0);
  return { rejectedSpans, message: reasons.join("; ") };
}
