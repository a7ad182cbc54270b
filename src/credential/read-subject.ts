import { hash } from "node:crypto";
import type { CredentialProfile } from "../model/credential.ts";
import type { JsonObject } from "./infer-role.ts";
import { sanitizeValue } from "./sanitize-value.ts";

/** Whom a token is about. `names` tell one subject from another and are only ever hashed. */
export type Subject = Pick<CredentialProfile, "subjectKind" | "subject"> & { readonly names: readonly string[] | null };

const NAME_CHARACTERS_MAX = 1024;
const SPIFFE_ID = /^spiffe:\/\/[^/\s]+/;
const SERVICE_ACCOUNT = /^system:serviceaccount:[^:\s]+:[^:\s]+$/;
const GOOGLE_SERVICE_ACCOUNT = /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/;
const KEYCLOAK_SERVICE_ACCOUNT = "service-account-";
/** Claims that a token has only where a person signed in. */
const HUMAN_CLAIMS = [
  "amr",
  "auth_time",
  "email",
  "preferred_username",
  "name",
  "nonce",
  "upn",
  "unique_name",
] as const;

/**
 * A subject is taken for a person, and kept as a keyed hash alone, unless it is a SPIFFE id or a service account, or
 * equals the token's client. A service that is neither is named by its client.
 */
export function readSubject(claims: JsonObject, client: string | null): Subject {
  const subject = typeof claims.sub === "string" && claims.sub.length <= NAME_CHARACTERS_MAX ? claims.sub : "";
  const account = accountOf(subject, claims);
  const names = readNames(subject, claims);
  if (account !== null) return { subjectKind: "service", subject: sanitizeValue("text", account), names };
  if (isService(subject, claims, client)) return { subjectKind: "service", subject: client, names };
  return { subjectKind: isPerson(subject, claims) ? "user" : null, subject: null, names };
}

/** True for what names a workload by its form: a SPIFFE id, or a service account of Kubernetes or Google. */
export function isServiceAccount(subject: string): boolean {
  return SPIFFE_ID.test(subject) || SERVICE_ACCOUNT.test(subject) || GOOGLE_SERVICE_ACCOUNT.test(subject);
}

/** Google's identity tokens have a number as subject, and the account's name as e-mail. */
function accountOf(subject: string, claims: JsonObject): string | null {
  if (isServiceAccount(subject)) return subject;
  const { email } = claims;
  return typeof email === "string" && GOOGLE_SERVICE_ACCOUNT.test(email) ? email : null;
}

/**
 * What OAuth's client credentials look like: RFC 9068 and Okta, Entra (`idtyp`, or a subject that is the object
 * itself, which no person's is), Auth0, Keycloak.
 */
function isService(subject: string, claims: JsonObject, client: string | null): boolean {
  if (claims.idtyp === "user") return false;
  if (subject !== "" && subject === client) return true;
  if (claims.idtyp === "app" || claims.gty === "client-credentials") return true;
  if (client !== null && subject === `${client}@clients`) return true;
  const { oid, scp, preferred_username: username } = claims;
  if (subject !== "" && subject === oid && scp === undefined) return true;
  return typeof username === "string" && username.startsWith(KEYCLOAK_SERVICE_ACCOUNT);
}

function isPerson(subject: string, claims: JsonObject): boolean {
  if (claims.idtyp === "user" || HUMAN_CLAIMS.some((name) => claims[name] !== undefined)) return true;
  return claims.scp !== undefined && subject !== "";
}

/** Entra's `sub` is another one for every application; tenant and object are not. */
function readNames(subject: string, { tid, oid }: JsonObject): readonly string[] | null {
  if (typeof tid === "string" && typeof oid === "string")
    return ["entra", `${tid}/${oid}`.slice(0, NAME_CHARACTERS_MAX)];
  return subject === "" ? null : ["sub-hash", hash("sha256", subject, "base64url")];
}
