import type { OperatingError } from "../../model/operating-error.ts";
import { escapeControls } from "./escape-controls.ts";

/** What went wrong and why, a line a cause, for stderr; the way out is part of an operating error's message. */
export function explainError(error: OperatingError): string {
  const lines = [`trustdrift: ${error.message}`];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) lines.push(`  because: ${cause.message}`);
  return lines
    .flatMap((text) => text.split("\n"))
    .map((line) => `${escapeControls(line)}\n`)
    .join("");
}
