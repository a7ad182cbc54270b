import { type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const CORP = "https://idp.example";
const TIMES = { iat: DRAWN_S - 60, exp: DRAWN_S + 600 };

/** A token of the corporate issuer for orders, right in every way unless said otherwise. */
function corp(claims: CaseToken["claims"] = {}, header: CaseToken["header"] = {}): CaseToken {
  const right = { iss: CORP, aud: "orders-api", client_id: "web", sub: "web", ...TIMES };
  return { header: { typ: "at+jwt", ...header }, claims: { ...right, ...claims } };
}

function declare(orders: string, rest = ""): string {
  return `
issuers:
  corp: { iss: "${CORP}/", internal: true, audienceAliases: { orders-api: ["8f14e45f-ea9e-4b5c"] } }
  cognito: { iss: "https://cognito.example/pool", audienceClaim: client_id }
services:
  web: { calls: { orders: { token: { mode: own } }, stripe: {} } }
  orders: { ${orders} }
externals: { stripe: { hosts: ["api.stripe.com"] } }
${rest}`;
}

const ORDERS = 'accepts: [{ issuer: corp, audiences: [orders-api] }], public: ["GET /prices"]';
const CALLED = "http.request.method=POST, http.route=/orders, http.response.status_code=200";

/** One call from web to orders, whose span has these attributes beside. */
function call(attributes: string, called = CALLED): string {
  return `web C#1<9 {peer=orders}; orders S#2<1 {${called}${attributes === "" ? "" : `, ${attributes}`}}`;
}

/** A call with one token, under the usual baseline. */
function withToken(name: string, token: CaseToken, raises: JudgementCase["raises"]): JudgementCase {
  return { name, baseline: declare(ORDERS), trace: call("tok=T"), tokens: { T: token }, raises };
}

/** Whom tokens are for, from whom they are, and what they allow. */
const ADDRESSES: readonly JudgementCase[] = [
  withToken("a token that is right in every way", corp(), []),
  withToken("a token that names its API in the older spelling", corp({ aud: "8f14e45f-ea9e-4b5c" }), []),
  withToken("a token whose issuer added its user-info endpoint", corp({ aud: ["orders-api", `${CORP}/userinfo`] }), []),
  withToken("a token for nobody, which is good for all", corp({ aud: undefined }), ["audience-missing"]),
  withToken("a token for an account, as Keycloak makes them", corp({ aud: ["account", "orders-api"] }), [
    "audience-too-broad",
  ]),
  withToken("a token with one audience beside its own", corp({ aud: ["orders-api", "stock-api"] }), []),
  withToken("a token for five services", corp({ aud: ["orders-api", "b", "c", "d", "e"] }), ["audience-too-broad"]),
  withToken("a token that a stranger's issuer made", corp({ iss: "https://evil.example" }), ["unknown-issuer"]),
  withToken("a token of the issuer without its slash", corp({ iss: `${CORP}/` }), []),
  {
    name: "Cognito's access token, which has no audience and is for a client that may come",
    baseline: declare("accepts: [{ issuer: cognito, audiences: [web] }]"),
    trace: call("tok=T"),
    tokens: { T: corp({ iss: "https://cognito.example/pool", aud: undefined }) },
    raises: [],
  },
  {
    name: "Cognito's access token for another client",
    baseline: declare("accepts: [{ issuer: cognito, audiences: [backoffice] }]"),
    trace: call("tok=T"),
    tokens: { T: corp({ iss: "https://cognito.example/pool", aud: undefined }) },
    raises: ["audience-mismatch-accepted"],
  },
  {
    name: "a wrong token where tokens are ignored",
    baseline: declare(ORDERS),
    trace: call("tok=T", "http.request.method=GET, http.route=/prices, http.response.status_code=200"),
    tokens: { T: corp({ aud: "stock-api" }) },
    raises: [],
  },
  {
    name: "a cluster's token shown to a vault that nobody declared as one",
    baseline: declare(""),
    trace: call("tok=T"),
    tokens: { T: corp({ iss: "https://cluster.example", aud: "https://kubernetes.default.svc" }) },
    raises: ["platform-token-off-platform"],
  },
  {
    name: "a cluster's token shown to a vault that reviews it",
    baseline: declare("traits: [control-plane]"),
    trace: call("tok=T"),
    tokens: { T: corp({ iss: "https://cluster.example", aud: "https://kubernetes.default.svc" }) },
    raises: [],
  },
  {
    name: "an internal token sent to a partner",
    baseline: declare(""),
    trace: "web C#1<9 {server.address=api.stripe.com, http.response.status_code=200, tok=T}",
    tokens: { T: corp() },
    raises: ["internal-token-to-external-host"],
  },
  {
    name: "the partner's own token sent to the partner",
    baseline: declare(""),
    trace: "web C#1<9 {server.address=api.stripe.com, http.response.status_code=200, tok=T}",
    tokens: { T: corp({ iss: "https://stripe.example", aud: "stripe" }) },
    raises: [],
  },
];

const METHODS = `
issuers: { corp: { iss: "${CORP}" } }
services:
  web: { calls: { orders: { auth: [jwt] }, stock: { token: { mode: none } } } }
  orders: {}
  stock: {}
`;

/** How callers authenticate, and whether they do. */
const AUTHENTICATION: readonly JudgementCase[] = [
  {
    name: "a call that falls back from a token to a password",
    baseline: METHODS,
    trace: call("hdr.authorization=Basic d2ViOmNvcnJlY3QtaG9yc2U="),
    raises: ["auth-method-drift", "static-credential-on-service-hop"],
  },
  {
    name: "a call with the declared kind of token",
    baseline: METHODS,
    trace: call("tok=T"),
    tokens: { T: corp() },
    raises: [],
  },
  {
    name: "a masked token, of which nobody can tell the kind",
    baseline: METHODS,
    trace: call("hdr.authorization=[REDACTED]"),
    raises: [],
  },
  {
    name: "a token on a call that is to carry none",
    baseline: METHODS,
    trace: "web C#1<9 {peer=stock}; stock S#2<1 {http.response.status_code=200, tok=T}",
    tokens: { T: corp() },
    raises: ["auth-method-drift"],
  },
  {
    name: "a call that says it came with nothing, and was let in",
    baseline: declare(ORDERS),
    trace: call("trustdrift.credential.authorization.present=false"),
    raises: ["unauthenticated-call-accepted"],
  },
  {
    name: "a call without a token, at a service whose spans never show any",
    baseline: declare(ORDERS),
    trace: call(""),
    raises: [],
  },
  {
    name: "a call without a token, at a service whose spans show them",
    baseline: declare(ORDERS),
    trace: `${call("tok=T")}; web C#3<9@2 {peer=orders}; orders S#4<3@2 {${CALLED}}`,
    tokens: { T: corp() },
    raises: ["unauthenticated-call-accepted"],
  },
  {
    name: "a call without a token that was refused",
    baseline: declare(ORDERS),
    trace: call("trustdrift.credential.authorization.present=false", "http.response.status_code=401"),
    raises: [],
  },
  {
    name: "a proxy checks the token and takes it off",
    baseline: declare(ORDERS, "").replace(
      "  orders:",
      "  envoy: { traits: [proxy], calls: { orders: {} } }\n  orders:",
    ),
    trace: `${call("tok=T")}; envoy C#3<9@2 {peer=orders}; orders S#4<3@2 {${CALLED}}`,
    tokens: { T: corp() },
    raises: [],
  },
  {
    name: "a health check and a preflight without a token",
    baseline: declare(ORDERS),
    trace: `${call("tok=T")}; web C#3<9@2 {peer=orders}; orders S#4<3@2 {http.request.method=OPTIONS, http.route=/orders, http.response.status_code=200}`,
    tokens: { T: corp() },
    raises: [],
  },
  {
    name: "a password where a token is required",
    baseline: declare(ORDERS).replace("mode: own", "mode: own, required: true"),
    trace: call("hdr.authorization=Basic d2ViOmNvcnJlY3QtaG9yc2U="),
    raises: ["credential-missing"],
  },
];

/** What tokens are for, and how they travel. */
const KINDS: readonly JudgementCase[] = [
  withToken("an ID token for an access token", corp({}, { typ: "id_token+jwt" }), ["token-type-confusion"]),
  withToken(
    "a transaction token for an access token",
    corp({ aud: "shop.example", iat: DRAWN_S - 60, exp: DRAWN_S + 180 }, { typ: "txntoken+jwt" }),
    ["token-type-confusion"],
  ),
  {
    name: "an ID token at the service that issues them",
    baseline: declare("traits: [control-plane]"),
    trace: call("tok=T"),
    tokens: { T: corp({}, { typ: "id_token+jwt" }) },
    raises: [],
  },
  {
    name: "two credentials in one header",
    baseline: declare(ORDERS),
    trace: call("tok.authorization=BOTH"),
    tokens: { BOTH: { text: "Bearer mF_9.B5f-4.1JqM9mF_9.B5f-4.1JqM, Bearer zA_7.C3x-2.8KpQ5zA_7.C3x-2.8KpQ" } },
    raises: ["token-type-confusion"],
  },
  {
    name: "a token over plain HTTP to a service in the mesh, from one outside it",
    baseline: `settings: { meshTls: [orders] }\n${declare("")}`,
    trace: `web C#1<9 {url.full=http://orders/orders, server.address=orders}; orders S#2<1 {${CALLED}, tok=T}`,
    tokens: { T: corp() },
    raises: ["plaintext-bearer"],
  },
  {
    name: "a token over plain HTTP between two sidecars",
    baseline: `settings: { meshTls: [web, orders] }\n${declare("")}`,
    trace: `web C#1<9 {url.full=http://orders/orders, server.address=orders}; orders S#2<1 {${CALLED}, tok=T}`,
    tokens: { T: corp() },
    raises: [],
  },
  {
    name: "a token over plain HTTP where nobody said what encrypts",
    baseline: declare(""),
    trace: `web C#1<9 {url.full=http://orders/orders, server.address=orders}; orders S#2<1 {${CALLED}, tok=T}`,
    tokens: { T: corp() },
    raises: [],
  },
];

/** Situations of the family of rules that bears this file's name. */
export const AUDIENCE_CASES: readonly JudgementCase[] = [...ADDRESSES, ...AUTHENTICATION, ...KINDS];
