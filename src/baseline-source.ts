import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "./declare/format-problem.ts";
import { readIncludes } from "./declare/include-pattern.ts";
import { parseBaseline } from "./declare/parse-baseline.ts";
import { type Baseline, EMPTY_BASELINE } from "./model/baseline.ts";
import { OperatingError } from "./model/operating-error.ts";
import { baselinePaths, readBaselineFiles } from "./review/cli/read-baseline-files.ts";

export type LoadedBaseline = {
  readonly baseline: Baseline;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** What is doubtful but no reason not to load, a line each. */
  readonly warnings: readonly string[];
};

/**
 * Reads the baseline of a file or folder; without either, the empty one. Throws `baseline-invalid` with all reasons.
 * Told the time, it warns of what has ended.
 */
export function loadBaseline(path: string, nowMs: number | null = null): LoadedBaseline {
  const files = existsSync(path) ? readBaselineFiles(path) : [];
  if (files.length === 0) return { baseline: EMPTY_BASELINE, files, warnings: [] };
  const { baseline, problems } = parseBaseline(files, nowMs);
  if (baseline === null) {
    const reasons = problems.filter(({ level }) => level === "error").map(formatProblem);
    throw new OperatingError("baseline-invalid", `the baseline in ${path} is invalid:\n${reasons.join("\n")}`);
  }
  return { baseline, files, warnings: problems.map(formatProblem) };
}

/**
 * Calls `changed` when a file below the path appears, changes or goes. Looks every `everyMs`: file-system events are
 * lost on network and container mounts, and an editor's save is several of them.
 */
export function watchBaseline(path: string, everyMs: number, changed: () => void): { readonly stop: () => void } {
  const includesOf = rememberIncludes();
  let last = stampOf(path, includesOf);
  const timer = setInterval(() => {
    const stamp = stampOf(path, includesOf);
    if (stamp === last) return;
    last = stamp;
    changed();
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}

/** Paths, sizes and times of the files, as one text that differs when any of them does. */
function stampOf(path: string, includesOf: IncludesOf): string {
  try {
    const stats = statSync(path);
    // A pipe gives its text once, to whoever loads the baseline.
    if (!stats.isDirectory() && !stats.isFile()) return stampOfFile(path);
    if (!stats.isDirectory()) return baselinePaths(path, includesOf).map(stampOfFile).join("\n");
    const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
    // As when they are read, hidden files, such as an editor's locks that point nowhere, are passed over.
    const shown = names.filter((name) => !/(?:^|\/)\./u.test(name));
    return shown.map((name) => stampOfFile(join(path, name))).join("\n");
  } catch {
    return "absent";
  }
}

function stampOfFile(file: string): string {
  const { mtimeMs, size, ino } = statSync(file);
  return `${file} ${mtimeMs} ${size} ${ino}`;
}

type IncludesOf = (file: string) => readonly string[];

/** A file is read for what it includes when it has changed, and not at every look. */
function rememberIncludes(): IncludesOf {
  const known = new Map<string, { readonly stamp: string; readonly includes: readonly string[] }>();
  return (file) => {
    const stamp = stampOfFile(file);
    const last = known.get(file);
    if (last?.stamp === stamp) return last.includes;
    const includes = readIncludes({ path: file, text: readFileSync(file, "utf8") });
    known.set(file, { stamp, includes });
    return includes;
  };
}
