import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** The response headers that let a page of an allowed origin (exact, or `*` for any) read the answer; else none. */
export function corsHeaders(request: IncomingMessage, origins: readonly string[]): OutgoingHttpHeaders {
  const origin = request.headers.origin;
  if (origin === undefined || !(origins.includes("*") || origins.includes(origin))) return {};
  return { "access-control-allow-origin": origin, "access-control-expose-headers": "retry-after", vary: "origin" };
}

/** What a preflight is told on top (Fetch standard, "CORS-preflight fetch"); any header may come, senders add their own. */
export function preflightHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  return {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "content-type",
    "access-control-max-age": "7200",
  };
}
