import { createHash } from "node:crypto";
import { inferRole, type JsonObject } from "../src/credential/infer-role.ts";
import type { Facts } from "./describe-credential.ts";
import { describeSubject, nameActor } from "./describe-subject.ts";
import type { Digester } from "./digester.ts";

const TEXT_CHARACTERS_MAX = 256;
const AUDIENCES_MAX = 64;
const SCOPES_MAX = 64;
const ACTORS_MAX = 16;
const SECONDS_MAX = 2 ** 40;
const BASE64URL = /^[\w-]*$/;
/** A token inside a token stays inside. */
const TOKEN_INSIDE = /eyJ[\w-]{6,}\.eyJ/;

/** The members of a JWK that its thumbprint is made of (RFC 7638 section 3.2), in order. */
const THUMBPRINT_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["EC", ["crv", "kty", "x", "y"]],
  ["OKP", ["crv", "kty", "x"]],
  ["RSA", ["e", "kty", "n"]],
]);

type Jwt = { readonly header: JsonObject; readonly claims: JsonObject; readonly isEncrypted: boolean };

/**
 * What a JWT in compact form says about itself, unverified; null for what is none. Only what rules compare is told:
 * no person, no e-mail address, no claim that is not named here. `role`: the slot's, where it has but one.
 */
export function describeJwt(token: string, digester: Digester, role: string | null): Facts | null {
  const jwt = parse(token);
  if (jwt === null) return null;
  const { header, claims, isEncrypted } = jwt;
  const isProof = role === "proof";
  return {
    format: "jwt",
    role: role ?? (isEncrypted ? "access_token" : inferRole(header, claims, "access_token")),
    // A proof is made anew for every request, so a fingerprint of it compares with nothing.
    fingerprint: isProof ? undefined : digester.ofToken(token),
    "token.type": readText(header.typ),
    "token.algorithm": readText(header.alg),
    ...(isEncrypted ? {} : describeClaims(claims, digester)),
    ...describeConfirmation(isProof ? { jwk: header.jwk } : claims.cnf, isProof ? "jkt" : "jwk"),
  };
}

/** Signed (three segments, RFC 7515) or encrypted (five, RFC 7516: its claims are empty here). */
function parse(token: string): Jwt | null {
  const segments = token.split(".", 6);
  const header = parseSegment(segments[0] ?? "");
  if (header === null || typeof header.alg !== "string") return null;
  const isEncrypted = typeof header.enc === "string";
  if (segments.length !== (isEncrypted ? 5 : 3) || !segments.every((segment) => BASE64URL.test(segment))) return null;
  const claims = isEncrypted ? {} : parseSegment(segments[1] ?? "");
  return claims === null ? null : { header, claims, isEncrypted };
}

function describeClaims(claims: JsonObject, digester: Digester): Facts {
  const client = readText(claims.client_id) ?? readText(claims.azp) ?? readText(claims.appid) ?? readText(claims.cid);
  return {
    "token.issuer": readText(claims.iss),
    "token.audiences": readAudiences(claims),
    "token.client.id": client ?? readText(claims.req_wl),
    "token.scopes": readScopes(claims),
    "token.issued_at": readSeconds(claims.iat),
    "token.expires_at": readSeconds(claims.exp),
    "token.not_before": readSeconds(claims.nbf),
    "token.id": digestName(claims.jti ?? claims.uti, digester),
    "token.pod": readPod(claims["kubernetes.io"]),
    "token.transaction.id": digestName(claims.txn, digester),
    "token.actors": readActors(claims),
    ...describeSubject(claims, client, digester),
  };
}

/** The uid of the pod that a service account token of Kubernetes is bound to. */
function readPod(bound: unknown): string | undefined {
  const pod = isJsonObject(bound) ? bound.pod : undefined;
  return isJsonObject(pod) ? readText(pod.uid) : undefined;
}

/** Cognito's access tokens name no audience but the client they were made for. */
function readAudiences(claims: JsonObject): string[] | undefined {
  const texts = readTexts(claims.aud, AUDIENCES_MAX);
  if (texts !== undefined) return texts;
  if (claims.token_use !== "access") return [];
  return readTexts(claims.client_id, 1) ?? [];
}

/** `scope` of RFC 8693 section 4.2, `scp` of Entra (a text) and Okta (a list). */
function readScopes(claims: JsonObject): string[] | undefined {
  const values = [claims.scope, claims.scp]
    .flat()
    .flatMap((value) => (typeof value === "string" ? value.split(" ") : []));
  const scopes = values.map(readText).filter((text) => text !== undefined);
  return scopes.length === 0 ? undefined : [...new Set(scopes)].slice(0, SCOPES_MAX);
}

/** The chain of `act` (RFC 8693 section 4.1), the current actor first. */
function readActors(claims: JsonObject): string[] | undefined {
  const actors: string[] = [];
  for (let next = claims.act; isJsonObject(next) && actors.length < ACTORS_MAX; next = next.act) {
    actors.push(nameActor(readText(next.sub) ?? ""));
  }
  return actors.length === 0 ? undefined : actors;
}

/**
 * What the token is bound to: `cnf` of RFC 7800, RFC 9449 section 6 and RFC 8705 section 3.1. Of a whole key only the
 * thumbprint is told, under `keyMethod`: a proof shows the key itself, and is to be compared with a token's `jkt`.
 */
function describeConfirmation(confirmation: unknown, keyMethod: "jkt" | "jwk"): Facts {
  if (!isJsonObject(confirmation)) return {};
  const key = isJsonObject(confirmation.jwk) ? thumbprintOf(confirmation.jwk) : undefined;
  const ways: readonly (readonly [string, string | undefined])[] = [
    ["jkt", readText(confirmation.jkt)],
    ["x5t#S256", readText(confirmation["x5t#S256"])],
    [keyMethod, key],
  ];
  const found = ways.find(([, thumbprint]) => thumbprint !== undefined);
  if (found === undefined) return {};
  return { "token.confirmation.method": found[0], "token.confirmation.thumbprint": found[1] };
}

function thumbprintOf(jwk: JsonObject): string | undefined {
  const members = THUMBPRINT_MEMBERS.get(jwk.kty);
  if (members === undefined || members.some((name) => typeof jwk[name] !== "string")) return undefined;
  const canonical = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash("sha256").update(canonical).digest("base64url");
}

function digestName(value: unknown, digester: Digester): string | undefined {
  return typeof value === "string" && value !== "" ? digester.ofName(value) : undefined;
}

function readTexts(value: unknown, max: number): string[] | undefined {
  if (typeof value !== "string" && !Array.isArray(value)) return undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values
    .map(readText)
    .filter((text) => text !== undefined)
    .slice(0, max);
}

function readText(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > TEXT_CHARACTERS_MAX) return undefined;
  return TOKEN_INSIDE.test(value) ? undefined : value;
}

function readSeconds(value: unknown): number | undefined {
  const isTime = typeof value === "number" && value >= 0 && value < SECONDS_MAX;
  return isTime ? Math.floor(value) : undefined;
}

function parseSegment(segment: string): JsonObject | null {
  if (segment === "" || !BASE64URL.test(segment)) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
