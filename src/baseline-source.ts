import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "./declare/format-problem.ts";
import { parseBaseline } from "./declare/parse-baseline.ts";
import { type Baseline, EMPTY_BASELINE } from "./model/baseline.ts";
import { OperatingError } from "./model/operating-error.ts";
import { readBaselineFiles } from "./review/cli/read-baseline-files.ts";

export type LoadedBaseline = {
  readonly baseline: Baseline;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** What is doubtful but no reason not to load, a line each. */
  readonly warnings: readonly string[];
};

/** Reads the baseline of a file or folder; without either, the empty one. Throws `baseline-invalid` with all reasons. */
export function loadBaseline(path: string): LoadedBaseline {
  const files = existsSync(path) ? readBaselineFiles(path) : [];
  if (files.length === 0) return { baseline: EMPTY_BASELINE, files, warnings: [] };
  const { baseline, problems } = parseBaseline(files);
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
  let last = stampOf(path);
  const timer = setInterval(() => {
    const stamp = stampOf(path);
    if (stamp === last) return;
    last = stamp;
    changed();
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}

/** Paths, sizes and times of the files, as one text that differs when any of them does. */
function stampOf(path: string): string {
  try {
    if (!statSync(path).isDirectory()) return stampOfFile(path);
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
