/** What a certificate's subjectAltName holds (RFC 5280 section 4.2.1.6), as far as it names machines. */
export type AlternativeNames = {
  readonly uris: readonly string[];
  readonly hosts: readonly string[];
  readonly hasEmail: boolean;
};

/** One element of DER: where its content begins and ends. */
type Element = { readonly tag: number; readonly start: number; readonly end: number };

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const OCTET_STRING = 0x04;
/** `[3] EXPLICIT Extensions` of a TBSCertificate. */
const EXTENSIONS = 0xa3;
/** 2.5.29.17, subjectAltName. */
const SUBJECT_ALT_NAME = "551d11";
/** Tags of a GeneralName: `rfc822Name [1]`, `dNSName [2]`, `uniformResourceIdentifier [6]`, all IA5String. */
const EMAIL = 0x81;
const HOST = 0x82;
const URI = 0x86;
/** Visible ASCII: what else an IA5String may hold is no name of a machine. */
const NAME = /^[\x21-\x7e]{1,2048}$/;

/**
 * Reads the names from the certificate's own bytes. Node's formatted text is not taken apart: a name that holds a comma
 * could pose as two (CVE-2021-44532). Throws a `RangeError` on bytes that are no certificate.
 */
export function alternativeNames(certificate: Uint8Array): AlternativeNames {
  const names = generalNames(certificate);
  const texts = (tag: number) =>
    names
      .filter((name) => name.tag === tag)
      .map((name) => Buffer.from(certificate.subarray(name.start, name.end)).toString("latin1"))
      .filter((text) => NAME.test(text));
  return { uris: texts(URI), hosts: texts(HOST), hasEmail: names.some(({ tag }) => tag === EMAIL) };
}

function generalNames(bytes: Uint8Array): readonly Element[] {
  const [certificate] = elements(bytes, 0, bytes.length);
  const [body] = certificate === undefined ? [] : elements(bytes, certificate.start, certificate.end);
  const parts = body?.tag === SEQUENCE ? elements(bytes, body.start, body.end) : [];
  const list = parts.filter(({ tag }) => tag === EXTENSIONS).flatMap(({ start, end }) => elements(bytes, start, end));
  const extensions = list.flatMap(({ start, end }) => elements(bytes, start, end));
  const value = extensions.map((each) => namesOf(bytes, each)).find((found) => found !== null);
  if (value === undefined || value === null) return [];
  return elements(bytes, value.start, value.end).flatMap(({ start, end }) => elements(bytes, start, end));
}

/** `Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }`; null for another one's. */
function namesOf(bytes: Uint8Array, extension: Element): Element | null {
  const members = elements(bytes, extension.start, extension.end);
  const [id] = members;
  if (id?.tag !== OBJECT_IDENTIFIER) return null;
  if (Buffer.from(bytes.subarray(id.start, id.end)).toString("hex") !== SUBJECT_ALT_NAME) return null;
  return members.find(({ tag }) => tag === OCTET_STRING) ?? null;
}

/** The elements that stand one after another between two places (X.690 section 8.1). */
function elements(bytes: Uint8Array, from: number, to: number): readonly Element[] {
  const found: Element[] = [];
  for (let at = from; at < to; at = (found.at(-1) as Element).end) found.push(elementAt(bytes, at, to));
  return found;
}

function elementAt(bytes: Uint8Array, at: number, to: number): Element {
  const first = bytes[at + 1];
  if (first === undefined) throw new RangeError("a certificate ended too early");
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) throw new RangeError("a certificate has an element of a length that cannot be");
  let length = lengthBytes === 0 ? first : 0;
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + lengthBytes;
  if (start + length > to) throw new RangeError("a certificate ended too early");
  return { tag: bytes[at] as number, start, end: start + length };
}
