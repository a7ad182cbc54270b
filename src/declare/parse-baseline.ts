import { type Baseline, type BaselineProblem, EMPTY_BASELINE } from "../model/baseline.ts";
import { buildBaseline, revisionOf } from "./build-baseline.ts";
import { checkContradictions } from "./check-contradictions.ts";
import { checkExceptions } from "./check-exceptions.ts";
import { checkIdentities } from "./check-identities.ts";
import { checkIncludes } from "./check-includes.ts";
import { checkReferences } from "./check-references.ts";
import { checkSenders } from "./check-senders.ts";
import { checkService } from "./check-service.ts";
import { type RawFile, readFile } from "./file-schema.ts";
import { indexNames } from "./name-index.ts";
import { type BaselineFile, openSource } from "./open-source.ts";
import { type Report, reportInto } from "./problem-codes.ts";

/** The baseline is null when any problem is an error. Problems are in the order of the files. */
export type ParsedBaseline = { readonly baseline: Baseline | null; readonly problems: readonly BaselineProblem[] };

/**
 * Reads and merges baseline files, and reports everything that is wrong with them. Never throws. What has ended is
 * reported where the time `nowMs` (since 1970) is told; nothing else depends on it.
 */
export function parseBaseline(files: readonly BaselineFile[], nowMs: number | null = null): ParsedBaseline {
  if (files.length === 0) return { baseline: EMPTY_BASELINE, problems: [] };
  const problems: BaselineProblem[] = [];
  const inOrder = files.toSorted((a, b) => compareText(a.path, b.path));
  const today = nowMs === null ? null : new Date(nowMs).toISOString().slice(0, 10);
  const baseline = mergeFiles(inOrder, today, reportInto(problems));
  problems.sort(compareProblems);
  const isUsable = problems.every((problem) => problem.level !== "error");
  return { baseline: isUsable ? baseline : null, problems };
}

/** Null where a file cannot be read: what the others refer to is then unknown, not missing. */
function mergeFiles(files: readonly BaselineFile[], today: string | null, report: Report): Baseline | null {
  const contents = files.map((file) => readContent(file, report)).filter((content) => content !== null);
  const declared = contents.map((content) => ({ content, namespace: content.values.settings?.values.namespace ?? "" }));
  const index = indexNames(declared, report);
  const merged = buildBaseline(declared, index, report);
  for (const service of merged.services.values()) checkService(service, report);
  checkExceptions(merged, today, report);
  checkIncludes(
    contents,
    files.map(({ path }) => path),
    report,
  );
  if (contents.length < files.length) return null;
  checkIdentities(merged, report);
  checkSenders(merged, report);
  checkReferences(merged, report);
  checkContradictions(merged, report);
  return { ...merged, revision: revisionOf(files), files: files.map((file) => file.path) };
}

function readContent(file: BaselineFile, report: Report): RawFile | null {
  const source = openSource(file, report);
  if (!source.isReadable) return null;
  const position = source.positionOf(source.root) ?? source.start;
  return readFile({ node: source.root, position, label: "a baseline file" }, source);
}

function compareProblems(a: BaselineProblem, b: BaselineProblem): number {
  return (
    compareText(a.position.file, b.position.file) ||
    a.position.line - b.position.line ||
    a.position.column - b.position.column ||
    compareText(a.code, b.code)
  );
}

/** By code unit: the order is the same wherever it runs. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
