import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import { callHttp } from "./http-client.ts";
import { ISSUER } from "./names.ts";

/** Who calls: the token as it was received, and its verified claims. */
export type Caller = { readonly token: string; readonly claims: JWTPayload };

/** Checks an `authorization` header value; throws {@link TokenRefused}. */
export type VerifyToken = (authorization: string | undefined) => Promise<Caller>;

/** The token is missing, or not good for this door. Says which claim failed, never what it holds. */
export class TokenRefused extends Error {}

const TEN_YEARS_S = 10 * 365 * 24 * 3600;

/** A door as it should be: signature, type, issuer, audience and expiry (RFC 9068 section 4). */
export function strictDoor(idp: string | undefined, ...audiences: readonly string[]): VerifyToken {
  return door(idp, { audience: [...audiences], typ: "at+jwt" });
}

/**
 * A door as too many are: a signature of the right issuer is enough, or the key of the days before. Every attack on
 * inventory walks through it.
 */
export function laxDoor(idp: string | undefined, legacyKey: string): VerifyToken {
  const verify = door(idp, { clockTolerance: TEN_YEARS_S });
  return async (authorization) =>
    authorization === `ApiKey ${legacyKey}` ? { token: legacyKey, claims: {} } : verify(authorization);
}

type Checks = { readonly audience?: string[]; readonly typ?: string; readonly clockTolerance?: number };

function door(idp: string | undefined, checks: Checks): VerifyToken {
  const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", idp), { [customFetch]: fetchKeys });
  return async (authorization) => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw new TokenRefused("expected a bearer token");
    try {
      const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, ...checks });
      return { token, claims: payload };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new TokenRefused(error.code, { cause: error });
      throw error;
    }
  };
}

// jose would use `fetch`, which is not instrumented here; the spans of these requests are part of the demo.
async function fetchKeys(url: string): Promise<Response> {
  const { origin, pathname } = new URL(url);
  return Response.json(await callHttp({ method: "GET", base: origin, template: pathname }));
}
