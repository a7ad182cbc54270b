/** The last element of an `X-Forwarded-Client-Cert` header: whom the nearest proxy saw. */
export type ForwardedCertificate = {
  /** The identity of the proxy that wrote it. */
  readonly by: string | null;
  readonly uri: string | null;
  readonly dns: string | null;
  readonly subject: string | null;
  /** SHA-256 of the certificate, 64 hex digits. */
  readonly hash: string | null;
};

const ELEMENT_CHARACTERS_MAX = 16 * 1024;
/** A part is `key=value`, whose value may be quoted with `\"` inside. */
const PART = /(?:^|;)\s*([A-Za-z]{1,16})=("(?:[^"\\]|\\.)*"|[^;]*)/g;

/**
 * Envoy's grammar: elements separated by commas, parts by semicolons, keys in any case. Every proxy appends its own
 * element, so only the last one was not written by the client itself. Null where there is none.
 */
export function parseClientCertHeader(header: string): ForwardedCertificate | null {
  const element = lastElement(header.slice(-ELEMENT_CHARACTERS_MAX));
  const parts = new Map<string, string>();
  for (const [, key = "", value = ""] of element.matchAll(PART)) {
    const name = key.toLowerCase();
    // Of several URIs or DNS names the first one counts, as in the certificate.
    if (!parts.has(name)) parts.set(name, unquote(value));
  }
  if (parts.size === 0) return null;
  const part = (name: string): string | null => parts.get(name) || null;
  return { by: part("by"), uri: part("uri"), dns: part("dns"), subject: part("subject"), hash: part("hash") };
}

/** What follows the last comma that stands outside of quotes. */
function lastElement(header: string): string {
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < header.length; at++) {
    const character = header[at];
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === "," && !isQuoted) start = at + 1;
  }
  return header.slice(start);
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value.trim();
}
