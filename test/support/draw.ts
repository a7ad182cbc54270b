import type { OtlpAttributes, OtlpRequest, OtlpSpan } from "./otlp.ts";

/**
 * A trace drawn on one line, spans separated by `;`, in order of arrival:
 * `svc K#id<parent@trace ~link@trace {key=value, …} [resource.key=value, …] +start th:digits !`
 * K is the kind: C client, S server, P producer, K consumer, I internal, U unspecified. Ids are decimal; trace 1 is the
 * default. `!` is status ERROR, `+20` starts 20 s in, `th:8` is a sampling threshold, `@H||L` sets both halves of the trace id; `fp=name` and
 * `aud=a|b` in braces are short for a token's fingerprint and audiences. `-` as service sends no service.name.
 */
export type DrawnSpan = { readonly resource: OtlpAttributes; readonly span: OtlpSpan };

const START_MS = Date.UTC(2026, 0, 1);
const KINDS: Readonly<Record<string, number>> = { U: 0, I: 1, S: 2, C: 3, P: 4, K: 5 };
const SPAN = /^(?<service>\S*) (?<kind>[CSPKIU])#(?<id>\w+)(?:<(?<parent>\w+))?(?:@(?<trace>[\w|]+))?(?<rest>.*)$/u;
const SHORT_KEYS: Readonly<Record<string, string>> = {
  peer: "peer.service",
  aud: "trustdrift.credential.authorization.token.audiences",
  iss: "trustdrift.credential.authorization.token.issuer",
  exp: "trustdrift.credential.authorization.token.expires_at",
};

/** Reads a drawing. */
export function drawSpans(drawing: string): DrawnSpan[] {
  const lines = drawing.split(/;|\n/u).map((line) => line.trim());
  return lines.filter((line) => line !== "").map(drawSpan);
}

/** All spans of a drawing as one export request. */
export function drawRequest(drawing: string): OtlpRequest {
  return requestOf(drawSpans(drawing));
}

/** An export request with a resource for each span. */
export function requestOf(spans: readonly DrawnSpan[]): OtlpRequest {
  return { resourceSpans: spans.map(({ resource, span }) => ({ resource, scopeSpans: [{ spans: [span] }] })) };
}

function drawSpan(line: string): DrawnSpan {
  const match = SPAN.exec(line);
  if (match?.groups === undefined) throw new Error(`cannot read the drawn span "${line}"`);
  const { service = "", kind = "", id = "", parent, trace = "1", rest = "" } = match.groups;
  const startMs = START_MS + 1000 * Number(/\+(?<s>[\d.]+)/u.exec(outsideBraces(rest))?.groups?.s ?? 0);
  const threshold = /\bth:(?<digits>\w+)/u.exec(outsideBraces(rest))?.groups?.digits;
  const link = /~(?<id>\w+)(?:@(?<trace>\w+))?/u.exec(outsideBraces(rest))?.groups;
  const resource = readAttributes(/\[(?<body>[^\]]*)\]/u.exec(rest)?.groups?.body ?? "");
  return {
    resource: service === "-" ? resource : { "service.name": service, ...resource },
    span: {
      traceId: traceId(trace),
      spanId: spanId(id),
      ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
      name: "drawn",
      kind: KINDS[kind] ?? 0,
      startMs,
      endMs: startMs + 10,
      attributes: readAttributes(/\{(?<body>.*)\}/u.exec(rest)?.groups?.body ?? ""),
      status: outsideBraces(rest).includes("!") ? 2 : 0,
      ...(threshold === undefined ? {} : { traceState: `ot=th:${threshold}` }),
      ...(link === undefined
        ? {}
        : { links: [{ traceId: traceId(link.trace ?? trace), spanId: spanId(link.id ?? "0") }] }),
    },
  };
}

function outsideBraces(text: string): string {
  return text.replace(/\{.*\}|\[[^\]]*\]/gu, "");
}

function readAttributes(body: string): OtlpAttributes {
  const attributes: Record<string, string | number | boolean | readonly string[]> = {};
  for (const part of body.split(", ").filter((text) => text !== "")) {
    const [key = "", value = ""] = split(part);
    if (key === "fp") attributes["trustdrift.credential.authorization.fingerprint"] = fakeDigest(value);
    else if (key === "aud") attributes[SHORT_KEYS.aud ?? ""] = value.split("|");
    else attributes[SHORT_KEYS[key] ?? key] = /^\d+$/u.test(value) ? Number(value) : value;
  }
  return attributes;
}

function split(part: string): readonly string[] {
  const at = part.indexOf("=");
  return [part.slice(0, at), part.slice(at + 1)];
}

/** 43 base64url characters that stand for the SHA-256 of a token named so. */
function fakeDigest(name: string): string {
  return `sha256:${Buffer.alloc(32, `digest of ${name} `).toString("base64url")}`;
}

function spanId(id: string): string {
  return Number.parseInt(id, 36).toString(16).padStart(16, "0");
}

function traceId(trace: string): string {
  const [high = "", low] = trace.split("||");
  const halves = low === undefined ? ["a", high] : [high === "0" ? "0" : high, low];
  return halves.map((half) => Number.parseInt(half, 36).toString(16).padStart(16, "0")).join("");
}
