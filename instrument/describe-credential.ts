import type { AttributeValue } from "@opentelemetry/api";
import { knownScheme, schemeKind } from "../src/credential/auth-schemes.ts";
import { describeJwt } from "./describe-jwt.ts";
import type { Digester } from "./digester.ts";

/** Facts of one slot by the last part of their attributes' names; what is undefined is not set. */
export type Facts = { readonly [name: string]: AttributeValue | undefined };

/** How the value of a slot is to be read. */
export type CredentialKind =
  | "authorization"
  | "token"
  | "transaction"
  | "workload_identity"
  | "proof"
  | "key"
  | "session"
  | "opaque-secret";

const CHARACTERS_MAX = 16 * 1024;
/** 120 bits in base64url; a shorter word behind `Bearer` might be guessed from its digest. */
const UNGUESSABLE_CHARACTERS_MIN = 20;
const SCHEME_AND_REST = /^([A-Za-z][\w-]{0,31})[ \t]+/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
/** Looks like a digest, and nobody can tell whether it is one. */
const HEX_DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;
/** `Credential=<access key id>/<date>/<region>/<service>/aws4_request` of AWS's Signature Version 4. */
const AWS_SCOPE = /\bCredential=\w+\/\d{8}\/([\w-]{1,40})\/([\w-]{1,40})\/aws4_request/;

/** What may be told of the values of a slot. */
export function describeCredential(kind: CredentialKind, values: readonly string[], digester: Digester): Facts {
  const [value = ""] = values;
  const isSeveral = values.some((other) => other !== value);
  if (isSeveral || value.length > CHARACTERS_MAX) return { present: true };
  switch (kind) {
    case "authorization":
      return describeAuthorization(value.trim(), digester, "raw-jwt");
    case "token":
      return describeAuthorization(value.trim(), digester, undefined);
    case "key":
      return describeKey(value.trim(), digester);
    case "session":
      return { present: true, role: "session" };
    case "opaque-secret":
      return { present: true };
    default:
      return describeToken(value.trim(), digester, kind);
  }
}

/**
 * The value of an `Authorization` header (RFC 9110 section 11.6.2), or a token alone. `unnamed`: the scheme to tell of
 * a JWT without one.
 */
function describeAuthorization(text: string, digester: Digester, unnamed: string | undefined): Facts {
  const word = SCHEME_AND_REST.exec(text);
  if (word === null)
    return { scheme: text.startsWith("eyJ") ? unnamed : undefined, ...describeToken(text, digester, null) };
  const scheme = knownScheme(word[1] ?? "");
  const rest = text.slice(word[0].length);
  const seen = { present: true, scheme: scheme === "" ? undefined : scheme };
  switch (schemeKind(scheme)) {
    case "signature":
      return { ...seen, format: "signature", "token.audiences": awsAudiences(rest) };
    case "basic":
      return { ...seen, format: "basic", fingerprint: digester.ofSecret("basic", rest) };
    case "key":
      return { ...seen, format: "key", role: "api_key", fingerprint: digester.ofSecret("key", rest) };
    case "token":
      return { ...seen, ...describeToken(rest, digester, "with-scheme") };
  }
}

/** Static keys say nothing about themselves; some services send a JWT where a key is meant to stand. */
function describeKey(text: string, digester: Digester): Facts {
  const jwt = describeJwt(text, digester, null);
  if (jwt !== null) return { present: true, ...jwt };
  return { present: true, format: "key", role: "api_key", fingerprint: digester.ofSecret("key", text) };
}

/** A signature differs with every request; the service and region it is made for do not. */
function awsAudiences(rest: string): string[] | undefined {
  const [, region, service] = AWS_SCOPE.exec(rest) ?? [];
  return region === undefined ? undefined : [`${service}/${region}`];
}

/** `place`: the slot, where it has but one role; null for a token that stands alone. */
function describeToken(text: string, digester: Digester, place: string | null): Facts {
  if (!VISIBLE_ASCII.test(text) || text.includes(",")) return { present: true };
  const role = place === "with-scheme" ? null : place;
  const jwt = describeJwt(text, digester, role);
  if (jwt !== null) return { present: true, ...jwt };
  const isDigest = place === null && HEX_DIGEST.test(text);
  const isComparable = text.length >= UNGUESSABLE_CHARACTERS_MIN && !isDigest && !text.startsWith("eyJ");
  return {
    present: true,
    role: role ?? undefined,
    format: isComparable ? "opaque" : undefined,
    fingerprint: isComparable && role !== "proof" ? digester.ofToken(text) : undefined,
  };
}
