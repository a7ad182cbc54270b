import { OperatingError } from "../model/operating-error.ts";

/** The error for a request with more spans than are read of one. */
export function tooManySpans(spansMax: number): OperatingError {
  return new OperatingError("request-too-large", `expected a request of at most ${spansMax} spans, got more`);
}
