import { decodeJwt } from "jose";
import { callHttp } from "./http-client.ts";
import { audienceOf, type ServiceName, SHOPFRONT } from "./names.ts";

const RENEW_BEFORE_MS = 60_000;
const TOKENS_MAX = 1000;

/** What an attack asks for beside: fields of the request, which the identity provider is kind enough to grant. */
export type Wish = Readonly<Record<string, string>>;

/** Where a service gets tokens for the services it calls. */
export type TokenSource = {
  /** A token of the service's own (client credentials, RFC 6749 section 4.4). */
  readonly own: (callee: ServiceName) => Promise<string>;
  /** The caller's token swapped for one that only `callee` accepts (RFC 8693). */
  readonly exchange: (received: string, callee: ServiceName, wish?: Wish) => Promise<string>;
  /** A person's token, for the service that lets people in. */
  readonly login: (user: string) => Promise<string>;
};

/** Tokens are asked for once and reused until a minute before they end. */
export function createTokenSource(idp: string | undefined, client: string, secret: string): TokenSource {
  const cache = new Map<string, { readonly token: Promise<string>; renewAtMs: number }>();

  async function request(form: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams({ client_id: client, client_secret: secret, ...form });
    const answer = (await callHttp({ method: "POST", base: idp, template: "/token", body })) as {
      access_token: string;
    };
    return answer.access_token;
  }

  function cached(form: Readonly<Record<string, string>>): Promise<string> {
    const key = JSON.stringify(form);
    const known = cache.get(key);
    if (known !== undefined && known.renewAtMs > Date.now()) return known.token;
    if (cache.size >= TOKENS_MAX) cache.clear();
    const entry = { token: request(form), renewAtMs: Number.POSITIVE_INFINITY };
    cache.set(key, entry);
    entry.token.then(
      (token) => {
        entry.renewAtMs = (decodeJwt(token).exp ?? 0) * 1000 - RENEW_BEFORE_MS;
      },
      () => cache.delete(key),
    );
    return entry.token;
  }

  return {
    own: (callee) => cached({ grant_type: "client_credentials", audience: audienceOf(callee) }),
    exchange: (received, callee, wish = {}) => cached({ ...exchangeForm(received, callee), ...wish }),
    login: (user) => request({ grant_type: "password", username: user, audience: SHOPFRONT }),
  };
}

function exchangeForm(received: string, callee: ServiceName) {
  return {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token: received,
    audience: audienceOf(callee),
  };
}
