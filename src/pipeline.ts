import type { AlertBook } from "./alert/alert-book.ts";
import type { Assembler } from "./assemble/assembler.ts";
import type { Decoder } from "./decode/decoder.ts";
import { createJudgeContext } from "./judge/judge-context.ts";
import type { Verdicts } from "./judge/verdicts.ts";
import type { AlertChanges } from "./model/alert.ts";
import type { Baseline } from "./model/baseline.ts";
import type { SpanBatch } from "./model/span-batch.ts";
import type { CommitBatch } from "./model/store.ts";
import type { ExportOutcome, ExportRequest } from "./receive/take-export.ts";

/** The rooms between the sockets and the store. */
export type Rooms = {
  readonly decoder: Decoder;
  readonly assembler: Assembler;
  readonly verdicts: Verdicts;
  readonly book: AlertBook;
};

/** Export request → decoded spans → hops. Synchronous; throws `OperatingError` for a request that cannot be read. */
export function ingest(request: Omit<ExportRequest, "sender">, rooms: Rooms, nowMs: number): ExportOutcome {
  const { decoder, assembler } = rooms;
  const batch = request.encoding === "json" ? decoder.decodeJson(request.bytes) : decoder.decodeProtobuf(request.bytes);
  assembler.add(batch, nowMs);
  return outcomeOf(batch);
}

/** Hops since the last time → findings → alerts: everything one commit has to write. */
export function conclude(rooms: Rooms, nowMs: number): CommitBatch {
  const { assembler, verdicts, book } = rooms;
  assembler.advance(nowMs);
  const facts = assembler.takeFacts();
  const hits = verdicts.judge(facts);
  for (const { evidence } of hits) if (evidence.fingerprint !== null) assembler.watch(evidence.fingerprint);
  const changes = book.apply(hits, { nowMs, baselineRevision: verdicts.revision });
  book.keep(changes);
  return { ...facts, ...changes };
}

/** Judges everything again under a new baseline: what it covers is accepted, what it no longer covers is raised. */
export function changeBaseline(baseline: Baseline, rooms: Rooms, nowMs: number): AlertChanges {
  const { verdicts, book } = rooms;
  const context = { nowMs, baselineRevision: baseline.revision };
  const raised = book.apply(verdicts.rejudge(createJudgeContext(baseline), nowMs), context);
  book.keep(raised);
  const accepted = book.reconsider((alert) => verdicts.stands(alert.finding), context);
  book.keep(accepted);
  return { alerts: [...raised.alerts, ...accepted.alerts], audit: [...raised.audit, ...accepted.audit] };
}

function outcomeOf({ rejected }: SpanBatch): ExportOutcome {
  if (rejected.size === 0) return { rejectedSpans: 0, message: "" };
  const reasons = [...rejected].map(([reason, count]) => `${count} ${count === 1 ? "span" : "spans"}: ${reason}`);
  const rejectedSpans = [...rejected.values()].reduce((sum, count) => sum + count, 0);
  return { rejectedSpans, message: reasons.join("; ") };
}
