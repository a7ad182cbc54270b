import type { NamedReading } from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import { readHeader } from "./read-header.ts";
import { URL_KEYS, type UrlKey } from "./url-keys.ts";

const QUERY_CHARACTERS_MAX = 16 * 1024;
const PARAMETERS_MAX = 256;
const USER_INFO = /^[a-z][a-z0-9+.-]{0,31}:\/\/([^/?#@\s]{1,1024})@/i;

type Parameter = { readonly key: UrlKey; readonly value: string };

/**
 * The credential in a URL that says most, or null: user info with a password, or a parameter of one of the names that
 * credentials go by. A name alone is not enough where it also means other things.
 */
export function readUrl(url: string, fingerprinter: Fingerprinter): NamedReading | null {
  const userInfo = readUserInfo(url, fingerprinter);
  if (userInfo !== null) return userInfo;
  const start = url.indexOf("?");
  return start < 0 ? null : readQuery(url.slice(start + 1), fingerprinter);
}

/** The same for the part behind `?`. */
export function readQuery(query: string, fingerprinter: Fingerprinter): NamedReading | null {
  const parameters = parametersOf(query);
  const [worst] = parameters
    .filter(({ key, value }) => isCredential(key, value, parameters))
    .sort((a, b) => a.key.rank - b.key.rank);
  return worst === undefined ? null : readParameter(worst, fingerprinter);
}

function parametersOf(query: string): Parameter[] {
  const text = query.replace(/^\?/, "").split("#", 1)[0] ?? "";
  return text
    .slice(0, QUERY_CHARACTERS_MAX)
    .split(/[&;]/, PARAMETERS_MAX)
    .flatMap((pair) => {
      const equals = pair.indexOf("=");
      const key = equals < 0 ? undefined : URL_KEYS.get(decode(pair.slice(0, equals)).toLowerCase());
      return key === undefined ? [] : [{ key, value: decode(pair.slice(equals + 1)) }];
    });
}

/** A masked value was one. `key=` and the like are words of everyday use: their value has to look like a secret. */
function isCredential({ isAmbiguous, needs, kind }: UrlKey, value: string, all: readonly Parameter[]): boolean {
  if (kind === "companion" || value === "") return false;
  if (needs !== null && !all.some(({ key }) => key.name === needs)) return false;
  return !isAmbiguous || isPlaceholder(value) || looksSecret(value);
}

function looksSecret(value: string): boolean {
  return value.startsWith("eyJ") || (value.length >= 16 && /\d/.test(value) && /[A-Za-z]/.test(value));
}

function readParameter({ key, value }: Parameter, fingerprinter: Fingerprinter): NamedReading {
  const carrier = { slot: "query" as const, carrier: key.name };
  const bare = isPlaceholder(value) ? "[REDACTED]" : value;
  if (key.kind === "token") return withRole(readHeader(bare, carrier, fingerprinter), key);
  const text = key.kind === "aws" ? `AWS4-HMAC-SHA256 Credential=${bare}` : `ApiKey ${bare}`;
  const reading = readHeader(text, carrier, fingerprinter);
  const isSignature = key.kind === "signature" || key.kind === "code";
  const { profile } = reading;
  return withRole(
    {
      ...reading,
      profile: { ...profile, scheme: "", format: isSignature ? ("signature" as const) : profile.format },
      fingerprint: isSignature ? null : reading.fingerprint,
    },
    key,
  );
}

/** What its name says a parameter is; a JWT may say otherwise itself. */
function withRole(reading: NamedReading, { role }: UrlKey): NamedReading {
  const { profile } = reading;
  const isKnown = profile.format === "jwt" || profile.quality !== "full";
  return isKnown ? reading : { ...reading, profile: { ...profile, role, isExpiring: profile.isExpiring } };
}

/** As a `Basic` header would say it: so it is the same credential there and here. */
function readUserInfo(url: string, fingerprinter: Fingerprinter): NamedReading | null {
  const userInfo = USER_INFO.exec(url)?.[1] ?? "";
  const password = userInfo.slice(userInfo.indexOf(":") + 1);
  if (!userInfo.includes(":") || password === "") return null;
  const carrier = { slot: "query" as const, carrier: "userinfo" };
  if (isPlaceholder(password)) return readHeader("Basic [REDACTED]", carrier, fingerprinter);
  return readHeader(`Basic ${Buffer.from(decode(userInfo)).toString("base64")}`, carrier, fingerprinter);
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
