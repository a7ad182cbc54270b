import { type CryptoKey, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import type {
  CredentialFacts,
  CredentialReader,
  CredentialValue,
  SpanCredentials,
} from "../../src/credential/credential-reader.ts";
import type { FingerprintKey } from "../../src/credential/fingerprint.ts";

export const KEY: FingerprintKey = { id: "k1", bytes: new Uint8Array(32).fill(7) };

/** RFC 9449 section 4.3 and 7.1: an access token and its `ath`. */
export const RFC_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
export const RFC_ATH = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";

export const HEADER = "http.request.header.authorization";
export const OWN = "trustdrift.credential.authorization.";

/** Reads one span that has these attributes, in this order. */
export function readWhole(
  reader: CredentialReader,
  attributes: Readonly<Record<string, CredentialValue>>,
): SpanCredentials | null {
  reader.begin();
  for (const [name, value] of Object.entries(attributes)) {
    const index = reader.attributes.indexOf(name);
    if (index >= 0) reader.add(index, value);
  }
  return reader.end();
}

/** The same, of the credential that says most. */
export function readSpan(
  reader: CredentialReader,
  attributes: Readonly<Record<string, CredentialValue>>,
): CredentialFacts | null {
  return readWhole(reader, attributes)?.rows[0] ?? null;
}

const { privateKey }: { privateKey: CryptoKey } = await generateKeyPair("ES256");

/** A JWT that is really signed. */
export function sign(claims: JWTPayload, header: { typ?: string } = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", ...header }).sign(privateKey);
}

/** A JWT with `alg: none` (RFC 7519 section 6). */
export function unsigned(claims: JWTPayload): string {
  return new UnsecuredJWT(claims).encode();
}
