import type { OtlpSpan } from "../support/otlp.ts";
import type { ToldSpan } from "./tell-spans.ts";
import type { World } from "./world.ts";

const KINDS = ["U", "I", "S", "C", "P", "K"];
const TOKEN_FACT = "trustdrift.credential.authorization.";

/** Spans as a drawing in the notation of `test/support/draw.ts`, a line each; tokens are named by their `jti` or digest. */
export function drawWorld(spans: readonly ToldSpan[]): string {
  return spans.map(drawSpan).join("\n");
}

/** What is declared in a world, on a few lines. */
export function drawDeclarations({ services, edges }: World): string {
  const restricted = services.filter(({ isRestricted }) => isRestricted).map(({ name }) => name);
  const traits = services.flatMap(({ name, trait }) => (trait === null ? [] : [`${name} ${trait}`]));
  const calls = edges.map(({ caller, callee, mode, hopsMax }) => {
    return `${caller.name} -> ${callee.name} ${mode}${hopsMax > 1 ? ` ${hopsMax}` : ""}`;
  });
  return [
    `declare accepts: ${restricted.join(", ")}`,
    ...(traits.length === 0 ? [] : [`declared traits: ${traits.join(", ")}`]),
    `declared calls: ${calls.join("; ")}`,
  ].join("\n");
}

function drawSpan({ resource, span, trace }: ToldSpan): string {
  const name = resource["service.namespace"] === undefined ? "" : `${resource["service.namespace"]}/`;
  const parent = span.parentSpanId === undefined ? "" : `<${shorten(span.parentSpanId)}`;
  const links = (span.links ?? []).map(
    (link) => ` ~${shorten(link.spanId)}@${Number.parseInt(link.traceId.slice(-4), 16) - 0x1000}`,
  );
  const attributes = drawAttributes(span);
  return [
    `${name}${resource["service.name"]} ${KINDS[span.kind ?? 0]}#${shorten(span.spanId)}${parent}@${trace.number}${links.join("")}`,
    ...(attributes === "" ? [] : [`{${attributes}}`]),
    `+${((span.startMs ?? 0) % 100_000) / 1000}`,
    ...(span.status === 2 ? ["!"] : []),
  ].join(" ");
}

function drawAttributes({ attributes = {} }: OtlpSpan): string {
  const parts = Object.entries(attributes).map(([key, value]) => {
    if (key === "http.request.header.authorization") return `token=${claimsOf(String(value))}`;
    if (key.startsWith(TOKEN_FACT))
      return key === `${TOKEN_FACT}fingerprint` ? `token=${String(value).slice(7, 13)}` : "";
    return `${key}=${String(value)}`;
  });
  return parts.filter((part) => part !== "").join(", ");
}

function claimsOf(header: string): string {
  return Buffer.from(header.split(".")[1] ?? "", "base64url").toString();
}

function shorten(id: string): string {
  return id.replace(/^0+/u, "");
}
