import type { Span } from "@opentelemetry/api";
import { callSafely } from "./call-safely.ts";
import { type Describe, listOf, type RequestFacts } from "./describe-request.ts";

/** What is read of undici's request: headers as `name: value` lines up to undici 5, as `[name, value, …]` since 6. */
export type UndiciRequest = { readonly path: string; readonly headers: string | readonly (string | string[])[] };

/** The hook of `@opentelemetry/instrumentation-undici` that is used. */
export type UndiciHooks = {
  // A method, so that hooks for the whole of undici's request fit as well.
  requestHook(span: Span, request: UndiciRequest): void;
};

/** A hook that runs the one of `before` and then tells. */
export function undiciHooks(describe: Describe, before: Partial<UndiciHooks>): UndiciHooks {
  return {
    requestHook: (span, request) => {
      callSafely(() => before.requestHook?.(span, request));
      callSafely(() => span.setAttributes(describe({ header: readList(request.headers), path: request.path })));
    },
  };
}

function readList(headers: UndiciRequest["headers"]): RequestFacts["header"] {
  const values = new Map<string, string[]>();
  for (const [name, value] of typeof headers === "string" ? pairsOfLines(headers) : pairsOfList(headers)) {
    const key = name.toLowerCase();
    values.set(key, [...(values.get(key) ?? []), ...listOf(value)]);
  }
  return (name) => values.get(name) ?? [];
}

function pairsOfLines(lines: string): (readonly [string, string])[] {
  return lines.split("\r\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1).trim()];
  });
}

function pairsOfList(list: readonly unknown[]): (readonly [string, unknown])[] {
  const pairs: [string, unknown][] = [];
  for (let index = 0; index + 1 < list.length; index += 2) pairs.push([String(list[index]), list[index + 1]]);
  return pairs;
}
