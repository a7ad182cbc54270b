import type { JsonObject } from "./infer-role.ts";
import { sanitizeValue } from "./sanitize-value.ts";

/** The claims that are kept; whatever else a token says is dropped here. */
export type Claims = {
  readonly issuer: string | null;
  readonly audiences: readonly string[];
  readonly client: string | null;
  readonly expiresAtS: number;
  readonly notBeforeS: number;
  readonly issuedAtS: number;
};

const AUDIENCES_MAX = 64;
const COGNITO_ISSUER = /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//;

/** The allowed claims of a JWT (RFC 7519 section 4.1); null when it names more than 64 audiences. */
export function readClaims(claims: JsonObject): Claims | null {
  const audiences = readAudiences(claims.aud) ?? [];
  if (audiences.length > AUDIENCES_MAX) return null;
  const issuer = readIssuer(claims.iss);
  const client = readClient(claims);
  const isImplied = audiences.length === 0 && client !== null && isCognitoAccessToken(issuer, claims);
  return {
    issuer,
    audiences: isImplied ? [client] : audiences,
    client,
    expiresAtS: readSeconds(claims.exp),
    notBeforeS: readSeconds(claims.nbf),
    issuedAtS: readSeconds(claims.iat),
  };
}

/** An issuer as it is compared: scrubbed, without trailing slashes; null for what is none. */
export function readIssuer(value: unknown): string | null {
  const text = readText(value);
  if (text === null) return null;
  let end = text.length;
  while (end > 0 && text[end - 1] === "/") end--;
  return end === 0 ? null : text.slice(0, end);
}

/** One audience or a list of them, sorted and without duplicates; null when there are none to be read. */
export function readAudiences(value: unknown): readonly string[] | null {
  if (typeof value !== "string" && !Array.isArray(value)) return null;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(values.map(readText).filter((text) => text !== null))].sort();
}

/** A text claim, scrubbed; null when it is empty or no text. */
export function readText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? sanitizeValue("text", value) : null;
}

/** A NumericDate of RFC 7519 section 2, also as decimal text; NaN for anything else. */
export function readSeconds(value: unknown): number {
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : Number.NaN;
}

/** RFC 9068, OpenID Connect, Entra v1 and Okta, in this order. */
function readClient(claims: JsonObject): string | null {
  return readText(claims.client_id) ?? readText(claims.azp) ?? readText(claims.appid) ?? readText(claims.cid);
}

/** Cognito's access tokens have no `aud`; their `client_id` stands in for it. */
function isCognitoAccessToken(issuer: string | null, claims: JsonObject): boolean {
  return claims.token_use === "access" && issuer !== null && COGNITO_ISSUER.test(issuer);
}
