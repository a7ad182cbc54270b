import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { openHttpDoor } from "../http-door.ts";
import { ISSUER } from "../names.ts";
import type { StartService } from "../service.ts";
import { TokenRefused } from "../verify-token.ts";

const USER_TOKEN_S = 900;
const SERVICE_TOKEN_S = 300;

const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";

/** The identity provider: signs tokens for people and services, swaps them, and publishes its key. */
export const start: StartService = async ({ secrets }) => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const key = { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: "ES256", use: "sig" };

  async function grant(form: URLSearchParams, client: string): Promise<JWTPayload> {
    switch (form.get("grant_type")) {
      case "password":
        return { sub: form.get("username") ?? "" };
      case "client_credentials":
        return { sub: client };
      case "urn:ietf:params:oauth:grant-type:token-exchange": {
        const { payload } = await jwtVerify(form.get("subject_token") ?? "", publicKey, { issuer: ISSUER });
        return { sub: payload.sub ?? "", act: { sub: client, ...(payload.act !== undefined && { act: payload.act }) } };
      }
      default:
        throw new TokenRefused("unsupported_grant_type");
    }
  }

  async function sign(form: URLSearchParams, claims: JWTPayload, lifetimeS: number): Promise<string> {
    // No real provider does this: it saves the viewer of `--attack expired` the wait until a token has run out.
    const issuedAtS = Math.floor(Date.now() / 1000) - Number(form.get("issued_seconds_ago") ?? 0);
    const isBackdated = form.has("issued_seconds_ago");
    const typ = form.get("requested_token_type") === ID_TOKEN ? "id_token+jwt" : "at+jwt";
    const own = { client_id: form.get("client_id"), scope: form.get("scope") ?? "shop" };
    return new SignJWT({ ...claims, ...boundTo(form), ...own })
      .setProtectedHeader({ alg: "ES256", typ, kid: key.kid })
      .setIssuer(ISSUER)
      .setAudience(form.get("audience") ?? "")
      .setJti(randomUUID())
      .setIssuedAt(issuedAtS)
      .setExpirationTime(issuedAtS + (isBackdated ? 2 : lifetimeS))
      .sign(privateKey);
  }

  async function issueToken(form: URLSearchParams) {
    const client = form.get("client_id") ?? "";
    const secret = secrets[client];
    if (secret === undefined || form.get("client_secret") !== secret) throw new TokenRefused("invalid_client");
    const lifetimeS = form.get("grant_type") === "password" ? USER_TOKEN_S : SERVICE_TOKEN_S;
    const access_token = await sign(form, await grant(form, client), lifetimeS);
    return { access_token, token_type: "Bearer", expires_in: lifetimeS };
  }

  return openHttpDoor([
    { on: "GET /.well-known/jwks.json", open: async () => ({ keys: [key] }) },
    { on: "POST /token", open: ({ body }) => issueToken(new URLSearchParams(body)) },
  ]);
};

/** A token that is good only together with a proof by this key (RFC 9449 section 6.1). */
function boundTo(form: URLSearchParams): JWTPayload {
  const jkt = form.get("dpop_jkt");
  return jkt === null ? {} : { cnf: { jkt } };
}
