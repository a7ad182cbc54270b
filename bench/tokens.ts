import { hash } from "node:crypto";
import type { OtlpAttributes } from "../test/support/otlp.ts";
import type { Random } from "./random.ts";
import { drawStampedText } from "./stamps.ts";

/**
 * How the load shows its tokens: `told` as digests and claims, as the instrumentation library tells them; `raw` as
 * captured `authorization` headers; `new` likewise, but each call presents a token that was never presented before.
 */
export const TOKEN_KINDS = ["told", "raw", "new"] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** Who issues every token of the load. */
export const ISSUER = "https://idp.bench.example";

/** Forty minutes after the load's clock stands still, on 2026-11-22: an hour of life holds all spans. */
const EXPIRES_AT_S = Date.UTC(2026, 10, 22, 0, 40) / 1000;
/** Base64url characters of the signature of a 2048-bit RSA key. */
const SIGNATURE_CHARACTERS = 342;

/** What a token is presented for. */
export type Presented = { readonly audience: string; readonly headerAttribute: string };

/** The attributes by which a called span shows the token of this name; the same name gives the same token. */
export function showToken(kind: TokenKind, name: string, { audience, headerAttribute }: Presented): OtlpAttributes {
  if (kind === "told") return toldFacts(name, audience);
  return { [headerAttribute]: [`Bearer ${writeToken(name, audience, "")}`] };
}

/** As above, for a token that nobody has seen; a place in it is marked, to differ when the load is sent again. */
export function showNewToken(random: Random, { audience, headerAttribute }: Presented): OtlpAttributes {
  return { [headerAttribute]: [`Bearer ${writeToken("new", audience, drawStampedText(random))}`] };
}

function toldFacts(name: string, audience: string): OtlpAttributes {
  const prefix = "trustdrift.credential.authorization";
  return {
    [`${prefix}.fingerprint`]: `sha256:${hash("sha256", name, "base64url")}`,
    [`${prefix}.token.audiences`]: [audience],
    [`${prefix}.token.issuer`]: ISSUER,
    [`${prefix}.token.expires_at`]: EXPIRES_AT_S,
  };
}

/** A JWT as issuers write it, with a signature that starts as said and is made up. */
function writeToken(name: string, audience: string, signatureStart: string): string {
  const id = hash("sha256", name, "hex").slice(0, 32);
  const header = { alg: "RS256", typ: "at+jwt", kid: "bench-1" };
  const claims = { iss: ISSUER, aud: [audience], sub: `user-${id.slice(0, 8)}`, exp: EXPIRES_AT_S };
  // What makes a new token differ stands in its signature: an id would be the same in all of them.
  const ids = signatureStart === "" ? { jti: id } : {};
  const rest = hash("sha512", name, "base64url").repeat(4);
  const signature = (signatureStart + rest).slice(0, SIGNATURE_CHARACTERS);
  return [encode(header), encode({ ...claims, ...ids, iat: EXPIRES_AT_S - 3600, scope: "read write" }), signature].join(
    ".",
  );
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
