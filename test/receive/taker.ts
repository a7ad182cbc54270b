import { OperatingError, type OperatingErrorCode } from "../../src/model/operating-error.ts";
import type { ExportOutcome, ExportRequest, TakeExport } from "../../src/receive/take-export.ts";

export const ALL_TAKEN: ExportOutcome = { rejectedSpans: 0, message: "" };

/** Takes everything and remembers it. */
export function taker(): { readonly take: TakeExport; readonly requests: ExportRequest[] } {
  const requests: ExportRequest[] = [];
  const take: TakeExport = async (request) => {
    requests.push(request);
    return ALL_TAKEN;
  };
  return { take, requests };
}

/** Refuses everything for the same reason. */
export function refuser(code: OperatingErrorCode): TakeExport {
  return async () => {
    throw new OperatingError(code, `cannot take this: ${code}`);
  };
}

/** A promise that is resolved from outside. */
function deferred<T>() {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value: T) => settle(value) };
}

/** Takes requests and answers them only when told to; `arrived` resolves with the first. */
export function slowTaker() {
  const arrival = deferred<void>();
  const release = deferred<ExportOutcome>();
  const take: TakeExport = () => {
    arrival.resolve();
    return release.promise;
  };
  return { take, arrived: arrival.promise, release: () => release.resolve(ALL_TAKEN) };
}

/** A log that is only a list. */
export function logbook() {
  const lines: string[] = [];
  return { lines, log: (level: "info" | "warn", message: string) => void lines.push(`${level}: ${message}`) };
}
