import type { NamedReading } from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import { readHeader } from "./read-header.ts";

const HEADER_CHARACTERS_MAX = 16 * 1024;

/** The sessions in a `Cookie` header (RFC 6265 section 4.2): cookies of these names alone are looked at. */
export function readCookies(
  header: string,
  names: readonly string[],
  fingerprinter: Fingerprinter,
): readonly NamedReading[] {
  const pairs = header
    .slice(0, HEADER_CHARACTERS_MAX)
    .split(";")
    .map((pair) => pair.trim().split("=", 2) as [string, string?]);
  return names.flatMap((name) => {
    const value = pairs.find(([own]) => own === name)?.[1];
    return value === undefined ? [] : [readSession(name, unquote(value), fingerprinter)];
  });
}

/** A session is guessable for all that is known, unless it is a JWT. */
function readSession(name: string, value: string, fingerprinter: Fingerprinter): NamedReading {
  const carrier = { slot: "session_cookie" as const, carrier: name };
  const reading = readHeader(value, carrier, fingerprinter);
  if (reading.profile.format === "jwt" || isPlaceholder(value)) return reading;
  const { profile } = reading;
  return {
    ...reading,
    profile: { ...profile, scheme: "", format: "opaque", role: "session", quality: "full" },
    fingerprint: fingerprinter.ofSecret("cookie", `${name}\0${value}`),
    digest: null,
  };
}

function unquote(value: string): string {
  return /^"(.*)"$/.exec(value)?.[1] ?? value;
}
