import type { BaselineProblem } from "../model/baseline.ts";

/** One line, without control characters, in the form that editors link: `file:line:column: level code message`. */
export function formatProblem(problem: BaselineProblem): string {
  const { file, line, column } = problem.position;
  const text = `${file}:${line}:${column}: ${problem.level} ${problem.code} ${problem.message}`;
  return text.replace(/\p{Cc}/gu, "\u{fffd}");
}
