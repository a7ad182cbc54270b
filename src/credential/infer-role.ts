import type { CredentialRole } from "../model/credential.ts";
import { isTelling } from "../model/scrub-text.ts";

/** A JSON object whose members nobody has checked. */
export type JsonObject = { readonly [name: string]: unknown };

const TYPE_CHARACTERS_MAX = 64;
const TYPE = /^[a-z][a-z0-9.+_-]*$/;

/** JOSE `typ` values that name a role (RFC 8725 section 3.11), without `application/`. */
const ROLE_OF_TYPE: ReadonlyMap<string, CredentialRole> = new Map<string, CredentialRole>([
  ["at+jwt", "access_token"],
  ["id_token+jwt", "id_token"],
  ["txntoken+jwt", "transaction"],
  ["wit+jwt", "workload_identity"],
  ["wpt+jwt", "proof"],
  ["dpop+jwt", "proof"],
  ["client-authentication+jwt", "client_assertion"],
  ["logout+jwt", "unknown"],
]);

/** The markers by which Cognito (`token_use`) and Keycloak (`typ` among the claims) tell their tokens apart. */
const ROLE_OF_MARKER: ReadonlyMap<string, CredentialRole> = new Map<string, CredentialRole>([
  ["access", "access_token"],
  ["id", "id_token"],
  ["bearer", "access_token"],
  ["refresh", "refresh_token"],
  ["offline", "refresh_token"],
]);

/** The role that a JOSE `typ` names; null for `JWT`, for unknown types and for none. */
export function roleOfType(type: unknown): CredentialRole | null {
  return ROLE_OF_TYPE.get(shortType(type) ?? "") ?? null;
}

/** A media type as it is compared: in lower case, without `application/`; null for what is none. */
export function shortType(type: unknown): string | null {
  if (typeof type !== "string" || type.length > TYPE_CHARACTERS_MAX || isTelling(type)) return null;
  const short = type
    .trim()
    .toLowerCase()
    .replace(/^application\//, "");
  return TYPE.test(short) ? short : null;
}

/**
 * What a JWT is for: its `typ`, else its issuer's own marker, else the claims that only ID tokens have
 * (OpenID Connect Core sections 2 and 3.3.2.11), else what the slot is for.
 */
export function inferRole(header: JsonObject, claims: JsonObject, otherwise: CredentialRole): CredentialRole {
  return (
    roleOfType(header.typ) ??
    roleOfMarker(claims.token_use) ??
    roleOfMarker(claims.typ) ??
    (isEntraAccessToken(claims) ? "access_token" : null) ??
    (isIdToken(claims) ? "id_token" : otherwise)
  );
}

function roleOfMarker(marker: unknown): CredentialRole | null {
  return typeof marker === "string" ? (ROLE_OF_MARKER.get(marker.toLowerCase()) ?? null) : null;
}

/** Entra writes `idtyp` into access tokens only. */
function isEntraAccessToken(claims: JsonObject): boolean {
  return typeof claims.idtyp === "string";
}

function isIdToken(claims: JsonObject): boolean {
  return ["nonce", "at_hash", "c_hash"].some((name) => claims[name] !== undefined);
}
