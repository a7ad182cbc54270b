import type { CredentialProfile } from "../model/credential.ts";
import { podIdOf } from "../model/pod-id.ts";
import { REMOVED, scrubTelling } from "../model/scrub-text.ts";
import { NAMELESS, type Names } from "./credential-facts.ts";
import type { JsonObject } from "./infer-role.ts";
import { jwkThumbprint } from "./jwk-thumbprint.ts";
import { readActors } from "./read-actors.ts";
import { readSubject } from "./read-subject.ts";
import { sanitizeValue } from "./sanitize-value.ts";

/** The claims that are kept, and the names that are kept as hashes; whatever else a token says is dropped here. */
export type Claims = Pick<
  CredentialProfile,
  "issuer" | "client" | "scopes" | "subjectKind" | "subject" | "actors" | "confirmation"
> & {
  readonly audiences: readonly string[];
  readonly thumbprint: string | null;
  readonly expiresAtS: number;
  readonly notBeforeS: number;
  readonly issuedAtS: number;
  readonly names: Names;
};

type Confirmation = Pick<Claims, "confirmation" | "thumbprint">;

const LIST_MAX = 64;
const NAME_CHARACTERS_MAX = 1024;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
const COGNITO_ISSUER = /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//;
const UNBOUND: Confirmation = { confirmation: null, thumbprint: null };

/** The allowed claims of a JWT (RFC 7519 section 4.1); null when it names too many audiences or actors. */
export function readClaims(claims: JsonObject): Claims | null {
  const audiences = readTexts(claims.aud) ?? [];
  const actors = readActors(claims.act);
  if (audiences.length > LIST_MAX || actors === null) return null;
  const issuer = readIssuer(claims.iss);
  const client = readClient(claims);
  const isImplied = audiences.length === 0 && client !== null && isCognitoAccessToken(issuer, claims);
  const { names, ...subject } = readSubject(claims, client);
  return {
    issuer,
    audiences: isImplied ? [client] : audiences,
    client,
    scopes: readScopes(claims),
    ...subject,
    actors,
    ...readConfirmation(claims.cnf),
    expiresAtS: readSeconds(claims.exp),
    notBeforeS: readSeconds(claims.nbf),
    issuedAtS: readSeconds(claims.iat),
    names: {
      ...NAMELESS,
      subject: names,
      tokenId: readTokenId(claims),
      transaction: readName(claims.txn),
      pod: readPod(claims["kubernetes.io"]),
    },
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

/** One text or a list of them, sorted and without duplicates; null when there are none to be read. */
export function readTexts(value: unknown): readonly string[] | null {
  if (typeof value !== "string" && !Array.isArray(value)) return null;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(values.map(readText).filter((text) => text !== null))].sort();
}

/** Scopes of a list, each of which may hold several (RFC 6749 section 3.3), at most 64; null when there are none to be read. */
export function readScopeList(value: unknown): readonly string[] | null {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!values.every((one) => typeof one === "string")) return null;
  // A private key has blanks inside: in pieces it would no longer look like one.
  return (
    readTexts(values.flatMap((one) => scrubTelling(one).replaceAll(REMOVED, "").split(" ")))?.slice(0, LIST_MAX) ?? null
  );
}

/** A text claim, scrubbed; null when it is empty or no text. */
export function readText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? sanitizeValue("text", value) : null;
}

/** A text that is only ever hashed; null when it is empty, too long or no text. */
export function readName(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= NAME_CHARACTERS_MAX ? value : null;
}

/** A NumericDate of RFC 7519 section 2, also as decimal text; NaN for anything else. */
export function readSeconds(value: unknown): number {
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : Number.NaN;
}

/** A SHA-256 in base64url; null for anything else. */
export function readThumbprint(value: unknown): string | null {
  const text = typeof value === "string" ? value.replace(/=$/, "") : "";
  return THUMBPRINT.test(text) ? text : null;
}

/** RFC 9068, OpenID Connect, Entra v1 and Okta, in this order; a transaction token's is who asked for it. */
function readClient(claims: JsonObject): string | null {
  return (
    readText(claims.client_id) ??
    readText(claims.azp) ??
    readText(claims.appid) ??
    readText(claims.cid) ??
    readText(claims.req_wl)
  );
}

/** `scope` of RFC 8693 section 4.2, `scp` of Entra and Okta; an empty list for a token that has neither. */
function readScopes(claims: JsonObject): readonly string[] {
  const all = [claims.scope, claims.scp].flatMap((value) => readScopeList(value) ?? []);
  return [...new Set(all)].sort().slice(0, LIST_MAX);
}

/** Entra calls it `uti`. */
function readTokenId(claims: JsonObject): string | null {
  return readName(claims.jti) ?? readName(claims.uti);
}

/** The pod of a bound service account token of Kubernetes. */
function readPod(bound: unknown): Uint32Array | null {
  const pod = isObject(bound) ? bound.pod : null;
  return isObject(pod) && typeof pod.uid === "string" ? podIdOf(pod.uid) : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

/** RFC 9449 section 6.1, RFC 8705 section 3.1, RFC 7800 section 3.2. */
function readConfirmation(value: unknown): Confirmation {
  if (typeof value !== "object" || value === null) return UNBOUND;
  const cnf = value as JsonObject;
  if (cnf.jkt !== undefined) return { confirmation: "jkt", thumbprint: readThumbprint(cnf.jkt) };
  const certificate = cnf["x5t#S256"];
  if (certificate !== undefined) return { confirmation: "x5t#S256", thumbprint: readThumbprint(certificate) };
  return cnf.jwk === undefined ? UNBOUND : { confirmation: "jwk", thumbprint: jwkThumbprint(cnf.jwk) };
}

/** Cognito's access tokens have no `aud`; their `client_id` stands in for it. */
function isCognitoAccessToken(issuer: string | null, claims: JsonObject): boolean {
  return claims.token_use === "access" && issuer !== null && COGNITO_ISSUER.test(issuer);
}
