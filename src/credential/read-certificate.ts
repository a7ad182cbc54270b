import { hash, X509Certificate } from "node:crypto";

/** Who a certificate is for, and its RFC 8705 thumbprint. */
export type CertificateFacts = { readonly id: string | null; readonly thumbprint: string };

const CHARACTERS_MAX = 16 * 1024;
/** The object id of `subjectAltName` (RFC 5280 section 4.2.1.6). */
const SUBJECT_ALT_NAME = "551d11";
const [OCTET_STRING, SEQUENCE, EXTENSIONS, DNS_NAME, URI_NAME] = [0x04, 0x30, 0xa3, 0x82, 0x86];

type Element = { readonly tag: number; readonly start: number; readonly end: number };

/**
 * Reads a certificate in any of the ways in which proxies pass one on: `:base64:` (RFC 9440), base64 or PEM, the latter
 * also URL-encoded. Names come from the bytes, never from a printed list of them, which others can forge commas into.
 */
export function readCertificate(text: string): CertificateFacts | null {
  const der = derOf(text.slice(0, CHARACTERS_MAX));
  try {
    const { raw, subject } = new X509Certificate(der);
    const names = alternativeNames(raw);
    const name = (names.find(({ kind }) => kind === "uri") ?? names[0])?.text ?? subject?.replaceAll("\n", ", ");
    return { id: name || null, thumbprint: hash("sha256", raw, "base64url") };
  } catch {
    return null;
  }
}

function derOf(text: string): Buffer {
  const decoded = text.includes("%") ? decode(text) : text;
  const body = decoded
    .replace(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----[\s\S]*/, "$1")
    .replace(/^:([^:]*):$/, "$1");
  return Buffer.from(body.replace(/\s/g, ""), "base64");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A name that a certificate is for; anything can stand in either kind. */
export type AlternativeName = { readonly kind: "uri" | "dns"; readonly text: string };

/**
 * The URIs and DNS names of a certificate's `subjectAltName`, in its order. Found by going through `Certificate`,
 * `TBSCertificate` and its extensions: whoever asks for a certificate may choose other bytes of it.
 */
export function alternativeNames(der: Buffer): readonly AlternativeName[] {
  const [certificate] = elementsIn(der, { tag: SEQUENCE, start: 0, end: der.length });
  const [body] = certificate === undefined ? [] : elementsIn(der, certificate);
  const extensions = (body === undefined ? [] : elementsIn(der, body))
    .filter(({ tag }) => tag === EXTENSIONS)
    .flatMap((all) => elementsIn(der, all))
    .flatMap((list) => elementsIn(der, list));
  const names = extensions.map((extension) => namesOf(der, extension)).find((found) => found !== null) ?? [];
  return names.flatMap(({ tag, start, end }): readonly AlternativeName[] => {
    const text = der.toString("latin1", start, end);
    if (tag === URI_NAME) return [{ kind: "uri", text }];
    return tag === DNS_NAME ? [{ kind: "dns", text }] : [];
  });
}

/** `GeneralNames`, which the extension holds in an octet string, behind a boolean where it is critical; else null. */
function namesOf(der: Buffer, extension: Element): readonly Element[] | null {
  const [id, ...rest] = elementsIn(der, extension);
  if (id === undefined || der.toString("hex", id.start, id.end) !== SUBJECT_ALT_NAME) return null;
  const value = rest.find(({ tag }) => tag === OCTET_STRING);
  return value === undefined ? null : elementsIn(der, value).flatMap((names) => elementsIn(der, names));
}

function elementsIn(der: Buffer, { start, end }: Element): Element[] {
  const elements: Element[] = [];
  for (let at = start; at < end; ) {
    const element = elementAt(der, at);
    if (element === null) break;
    elements.push(element);
    at = element.end;
  }
  return elements;
}

/** One element of DER, whose length has one byte or says how many more it has. */
function elementAt(der: Buffer, at: number): Element | null {
  const [tag, length = 0] = [der[at], der[at + 1]];
  const more = length & 0x80 ? length & 0x7f : 0;
  if (tag === undefined || more > 3) return null;
  const size = more === 0 ? length : der.subarray(at + 2, at + 2 + more).reduce((sum, byte) => sum * 256 + byte, 0);
  const start = at + 2 + more;
  return start + size <= der.length ? { tag, start, end: start + size } : null;
}
