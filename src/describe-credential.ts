import { existsSync } from "node:fs";
import { CREDENTIAL_ATTRIBUTES } from "./credential/credential-attributes.ts";
import { CredentialReader } from "./credential/credential-reader.ts";
import { fingerprintText } from "./credential/fingerprint.ts";
import { createFingerprintKey, fingerprintKeyFile, openFingerprintKeys } from "./fingerprint-key-file.ts";
import { OperatingError } from "./model/operating-error.ts";
import type { CredentialDescription, CredentialOptions } from "./review/cli/options.ts";

/** Longer than any header that the collector reads. */
const BYTES_MAX = 65_536;
const EXPECTED = "expected one line: a token, or a header that carries one, such as `Authorization: Bearer …`";

/** What the collector would keep of a credential that it reads from the input; never the credential itself. */
export async function describeCredential(
  { dbFile }: CredentialOptions,
  input: AsyncIterable<Uint8Array> = process.stdin,
): Promise<CredentialDescription> {
  const { header, value } = parseInput(await readLine(input));
  const isKept = existsSync(fingerprintKeyFile(dbFile));
  const key = isKept ? openFingerprintKeys(dbFile) : createFingerprintKey();
  const reader = new CredentialReader(key);
  reader.begin();
  reader.add(CREDENTIAL_ATTRIBUTES.indexOf(`http.request.header.${header}`), value);
  const facts = reader.end()?.rows[0];
  if (facts === undefined) throw new OperatingError("bad-argument", EXPECTED);
  const { profile, fingerprint, expiresAtS, notBeforeS, issuedAtS } = facts;
  return {
    profile,
    fingerprint: fingerprint === null || !isKept ? null : fingerprintText(key, fingerprint),
    isComparable: fingerprint !== null,
    expiresAt: toIso(expiresAtS),
    notBefore: toIso(notBeforeS),
    issuedAt: toIso(issuedAtS),
  };
}

async function readLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new OperatingError("bad-argument", EXPECTED);
  }
  const lines = Buffer.concat(chunks).toString("utf8").split(/\r?\n/u);
  const [line, another] = lines.map((each) => each.trim()).filter((each) => each !== "");
  if (line === undefined || another !== undefined) throw new OperatingError("bad-argument", EXPECTED);
  return line;
}

/** A header's line, or what stands in `Authorization`; a bare token is a bearer token. Never quotes its text. */
function parseInput(line: string): { readonly header: string; readonly value: string } {
  const [, name, rest] = /^([A-Za-z][A-Za-z0-9-]*):\s+(.+)$/u.exec(line) ?? [];
  if (name === undefined || rest === undefined) {
    return { header: "authorization", value: /\s/u.test(line) ? line : `Bearer ${line}` };
  }
  const header = name.toLowerCase();
  if (CREDENTIAL_ATTRIBUTES.includes(`http.request.header.${header}`)) return { header, value: rest };
  throw new OperatingError(
    "bad-argument",
    `cannot read this header: the collector looks for no credential in it; ${EXPECTED}`,
  );
}

function toIso(seconds: number): string | null {
  const ms = seconds * 1000;
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}
