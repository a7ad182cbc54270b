import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { readAttributeMap } from "./attribute-map-file.ts";
import { loadBaseline } from "./baseline-source.ts";
import { buildRooms } from "./build-rooms.ts";
import { createFingerprintKey } from "./fingerprint-key-file.ts";
import { SEVERITIES, type Severity } from "./model/finding.ts";
import { OperatingError } from "./model/operating-error.ts";
import { conclude, ingest, type Rooms } from "./pipeline.ts";
import { openStore } from "./record/sqlite-store.ts";
import { alertRow } from "./review/cli/alert-row.ts";
import type { CheckOptions, CheckResult } from "./review/cli/options.ts";

const EVERYTHING = { fromMs: null, toMs: null };
const NEWLINE = 10;
const TRACE_KEYS = ['"resourceSpans"', '"resource_spans"', '"batches"'];

/**
 * Runs a capture of OTLP/JSON lines, as the OpenTelemetry Collector's file exporter writes them, through the pipeline
 * and an in-memory store. A capture has no window: all its spans wait for each other until the end of the input.
 */
export async function checkCapture(options: CheckOptions, progress: (fraction: number) => void): Promise<CheckResult> {
  const { baseline, files } = loadBaseline(options.baseline);
  // Else a mistyped path would be the one baseline that everything conforms to.
  if (files.length === 0) throw new OperatingError("bad-argument", `cannot find a baseline in ${options.baseline}`);
  const rooms = buildRooms({
    baseline,
    // What holds today is what counts, whenever the capture was made.
    atMs: Date.now(),
    fingerprintKey: createFingerprintKey(),
    attributeMap: readAttributeMap(options.attributeMap ?? null),
    scanEvery: 1,
    alerts: [],
    shapes: [],
    assembler: { seen: "span" },
  });
  const skippedLines = await readCapture(options.input, rooms, progress);
  rooms.assembler.settleAll();
  const store = openStore(":memory:");
  try {
    const batch = conclude(rooms, 0);
    // Nobody goes on where a check ended.
    await store.commit({ ...batch, producers: [], pairs: [], uses: [] });
    const findings = batch.alerts.filter(({ status }) => status === "open").map(alertRow);
    const { spans } = rooms.assembler.figures();
    return { spans, skippedLines, edges: await store.edges(EVERYTHING), findings, worst: worstOf(findings) };
  } finally {
    store.close();
  }
}

/** Feeds the trace lines to the rooms; returns how many other lines there were. */
async function readCapture(input: string, rooms: Rooms, progress: (fraction: number) => void): Promise<number> {
  const { stream, size } = await openInput(input);
  let skipped = 0;
  let read = 0;
  for await (const line of linesOf(stream, input)) {
    read += line.length + 1;
    if (isBlank(line)) continue;
    if (!takeLine(line, rooms)) skipped++;
    if (size > 0) progress(Math.min(1, read / size));
  }
  return skipped;
}

/** Not `node:readline`: it also splits at U+2028, which JSON may hold as it is. */
async function* linesOf(stream: Readable, input: string): AsyncGenerator<Buffer> {
  let line: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        yield Buffer.concat([...line, chunk.subarray(start, end)]);
        line = [];
        start = end + 1;
      }
      line.push(chunk.subarray(start));
    }
  } catch (cause) {
    throw unreadable(input, cause);
  }
  yield Buffer.concat(line);
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte <= 32);
}

/** Lines of metrics and logs, and lines cut short, are no export request of spans. */
function takeLine(line: Buffer, rooms: Rooms): boolean {
  if (!TRACE_KEYS.some((key) => line.includes(key))) return false;
  try {
    ingest({ bytes: line, encoding: "json" }, rooms, 0);
    return true;
  } catch (error) {
    if (error instanceof OperatingError) return false;
    throw error;
  }
}

async function openInput(input: string): Promise<{ readonly stream: Readable; readonly size: number }> {
  if (input === "-") return { stream: process.stdin, size: 0 };
  try {
    const { size } = await stat(input);
    return { stream: createReadStream(input), size };
  } catch (cause) {
    throw unreadable(input, cause);
  }
}

function unreadable(input: string, cause: unknown): OperatingError {
  const wanted = "name a file of OTLP/JSON lines, or - for standard input";
  return new OperatingError("bad-argument", `cannot read ${input}; ${wanted}`, { cause });
}

function worstOf(findings: readonly { readonly severity: Severity }[]): Severity | null {
  return SEVERITIES.findLast((severity) => findings.some((finding) => finding.severity === severity)) ?? null;
}
