import { createHash } from "node:crypto";
import { declare, machine } from "../corp.ts";
import { drawPath } from "../draw-path.ts";
import { type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const PAY = "accepts: [{ issuer: corp, audiences: [pay] }]";
const OWN = (pay: string, rest = ""): string => declare(`  orders: { calls: { pay: {} } }\n  pay: { ${pay} }`, rest);
const CALL = drawPath("*orders > pay(T)");
const STRANGERS = drawPath("*m > n(T)");

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

type Rest = Partial<JudgementCase>;

/** One call from orders to pay with a token. */
function withToken(name: string, token: CaseToken, rest: Rest = {}): JudgementCase {
  return { name, baseline: OWN(PAY), trace: CALL, tokens: { T: token }, raises: [], ...rest };
}

/** A token of the service orders that lasts so many seconds. */
function lasting(seconds: number, claims: CaseToken["claims"] = {}, header: CaseToken["header"] = {}): CaseToken {
  const times = { iat: DRAWN_S - 60, exp: DRAWN_S - 60 + seconds };
  return { header: { typ: "at+jwt", ...header }, claims: { ...machine("orders").claims, ...times, ...claims } };
}

const EXCESSIVE = { raises: ["excessive-token-lifetime"] } as const;
const POD = { sub: "system:serviceaccount:shop:orders", client_id: undefined };
const ENTRA = { iss: "https://login.microsoftonline.com/t1/v2.0" };
const FROM_ENTRA = {
  baseline: OWN("accepts: [{ issuer: ms, audiences: [pay] }]").replace(
    "issuers:",
    `issuers:\n  ms: { iss: "${ENTRA.iss}" }`,
  ),
};
const HOUR_S = 3600;
/** Keycloak says it in the claims. */
const REFRESH = { typ: "Refresh" };
const JWT = { typ: "JWT" };

/** How long tokens last. */
const LIFETIMES: readonly JudgementCase[] = [
  withToken("an access token for three hours", lasting(3 * HOUR_S), EXCESSIVE),
  withToken("a token for three hours, where nothing is declared of tokens", lasting(3 * HOUR_S), {
    baseline: OWN(""),
  }),
  withToken("a token for three hours, which the issuer's profile allows", lasting(3 * HOUR_S), {
    baseline: OWN(PAY).replace('corp: { iss: "', 'corp: { maxLifetime: { access: 4h }, iss: "'),
  }),
  withToken("a token for three hours, which the service's own entry allows", lasting(3 * HOUR_S), {
    baseline: OWN("accepts: [{ issuer: corp, audiences: [pay], maxLifetime: 4h }]"),
  }),
  withToken("a token for an hour, where the service's own entry allows half of one", lasting(HOUR_S), {
    baseline: OWN("accepts: [{ issuer: corp, audiences: [pay], maxLifetime: 30m }]"),
    ...EXCESSIVE,
  }),
  withToken("a token for an hour, where one of two entries that it meets allows it", lasting(HOUR_S), {
    baseline: OWN(
      "accepts: [{ issuer: corp, audiences: [pay], maxLifetime: 30m }, { issuer: corp, audiences: [pay] }]",
    ),
  }),
  withToken("a pod's token for twelve hours", lasting(12 * HOUR_S, POD)),
  withToken("a pod's token for a year", lasting(365 * 24 * HOUR_S, POD), EXCESSIVE),
  withToken(
    "a workload's token of three hours",
    lasting(3 * HOUR_S, { sub: "spiffe://shop/orders", client_id: undefined }),
    EXCESSIVE,
  ),
  withToken(
    "a workload's token of three hours, which its issuer's profile allows",
    lasting(3 * HOUR_S, { sub: "spiffe://shop/orders", client_id: undefined }),
    { baseline: OWN(PAY).replace('corp: { iss: "', 'corp: { maxLifetime: { workload: 4h }, iss: "') },
  ),
  withToken("an access token of Entra's for eighty minutes", lasting(80 * 60, ENTRA), FROM_ENTRA),
  withToken("an access token of Entra's for two hours", lasting(2 * HOUR_S, ENTRA), { ...FROM_ENTRA, ...EXCESSIVE }),
  withToken(
    "a transaction token for ten minutes",
    lasting(600, { txn: "1", aud: "shop.example", req_wl: "orders", scope: "buy" }, { typ: "txntoken+jwt" }),
    { trace: drawPath("*orders > pay(T)", { header: "txn-token" }), ...EXCESSIVE },
  ),
  withToken(
    "a transaction token for five minutes",
    lasting(300, { txn: "1", aud: "shop.example", req_wl: "orders", scope: "buy" }, { typ: "txntoken+jwt" }),
    { trace: drawPath("*orders > pay(T)", { header: "txn-token" }) },
  ),
  withToken("a refresh token for a month, at who issues tokens", lasting(30 * 24 * HOUR_S, REFRESH, JWT), {
    baseline: OWN(`traits: [control-plane], ${PAY}`),
  }),
  withToken("a token for a week, between strangers", lasting(7 * 24 * HOUR_S), {
    trace: STRANGERS,
    raises: ["unknown-service"],
  }),
  withToken(
    "a token for a week, between strangers, of an issuer whose profile says an hour",
    lasting(7 * 24 * HOUR_S),
    {
      baseline: OWN(PAY).replace('corp: { iss: "', 'corp: { maxLifetime: { access: 1h }, iss: "'),
      trace: STRANGERS,
      raises: ["unknown-service"],
    },
  ),
  withToken(
    "a client assertion for an hour, for an access token",
    lasting(HOUR_S, {}, { typ: "client-authentication+jwt" }),
    {
      raises: ["excessive-token-lifetime", "token-type-confusion"],
    },
  ),
  withToken(
    "a transaction token for longer than the entry for access tokens allows",
    lasting(240, { txn: "1", req_wl: "orders", scope: "buy" }, { typ: "txntoken+jwt" }),
    {
      baseline: OWN("accepts: [{ issuer: corp, audiences: [pay], maxLifetime: 1m }]"),
      trace: drawPath("*orders > pay(T)", { header: "txn-token" }),
    },
  ),
  withToken("a token for good, between strangers", lasting(0, { exp: undefined }), {
    trace: STRANGERS,
    raises: ["unknown-service"],
  }),
  withToken("a refresh token without an end, at who issues tokens", lasting(0, { exp: undefined, ...REFRESH }, JWT), {
    baseline: OWN("traits: [control-plane]"),
  }),
  withToken("a logout token, which says nothing of an end", lasting(0, { exp: undefined }, { typ: "logout+jwt" }), {
    raises: ["token-type-confusion"],
  }),
  withToken("an opaque token, of which nobody can tell the end", { text: "opaque-0123456789abcdef0123456789" }),
  withToken("an expired token at a service that ignores tokens here", lasting(60), {
    baseline: OWN(`${PAY}, public: ["GET /pay"]`),
    trace: drawPath("*orders > pay(T)", { atS: 900 }),
  }),
  withToken("an expired token, with an answer that leaves open whether it was good", lasting(60), {
    trace: drawPath("*orders > pay(T)500", { atS: 900 }),
  }),
  withToken("an expired token where nobody declares anything", lasting(60), {
    baseline: "services: {}",
    trace: drawPath("*orders > pay(T)", { atS: 900 }),
    raises: ["expired-token-accepted"],
  }),
  withToken("an expired token at a service that nobody declares", lasting(60), {
    trace: drawPath("*orders > n(T)", { atS: 900 }),
    raises: ["undeclared-call", "unknown-service"],
  }),
  withToken("a token of tomorrow that was refused", lasting(HOUR_S, { nbf: DRAWN_S + 86_400 }), {
    trace: drawPath("*orders > pay(T)401"),
  }),
  withToken("a token of tomorrow at a service that nobody declares", lasting(HOUR_S, { nbf: DRAWN_S + 86_400 }), {
    trace: drawPath("*orders > n(T)"),
    raises: ["undeclared-call", "unknown-service"],
  }),
];

const NAMED = 'identity: { spiffe: ["spiffe://td/ns/shop/sa/pay"] }';
const SELF = "[trustdrift.workload.identity.id=spiffe://td/ns/shop/sa/pay]";

/** A call to pay, whose sidecar saw a certificate of that name. */
function seen(caller: string, id: string, called = ""): Pick<JudgementCase, "trace" | "tokens"> {
  const shown = `By=spiffe://td/ns/shop/sa/pay;Hash=${sha256(id).toString("hex")};URI=${id}`;
  const answered = `http.request.method=GET, http.route=/pay, http.response.status_code=200, tok.x-forwarded-client-cert=F`;
  return {
    trace: `${caller} C#1<9 {http.request.method=GET, peer=pay}; pay S#2<1 {${answered}${called}} ${SELF}`,
    tokens: { F: { text: shown } },
  };
}

function certified(name: string, services: string, rest: Rest): JudgementCase {
  return { name, baseline: declare(`${services}\n  pay: { ${NAMED} }`), trace: "", raises: [], ...rest };
}

const CALLS_PAY = "calls: { pay: {} }";
const ORDERS = `  orders: { identity: { spiffe: ["spiffe://td/ns/shop/sa/orders"] }, ${CALLS_PAY} }`;
const MISMATCH = { raises: ["mtls-identity-mismatch"] } as const;

/** Whose certificate came with a call. */
const PEERS: readonly JudgementCase[] = [
  certified("a caller with its own certificate", ORDERS, seen("orders", "spiffe://td/ns/shop/sa/orders")),
  certified("a caller with a certificate that nobody declares, where its own is declared", ORDERS, {
    ...seen("orders", "spiffe://td/ns/shop/sa/new"),
    ...MISMATCH,
  }),
  certified(
    "a caller of which no certificate is declared, with one that nobody declares",
    `  orders: { ${CALLS_PAY} }`,
    {
      ...seen("orders", "spiffe://td/ns/shop/sa/orders"),
    },
  ),
  certified(
    "a caller of which no certificate is declared, with another service's",
    `  orders: { ${CALLS_PAY} }\n  bin: { identity: { spiffe: ["spiffe://td/ns/shop/sa/bin"] } }`,
    { ...seen("orders", "spiffe://td/ns/shop/sa/bin"), ...MISMATCH },
  ),
  certified("a caller behind the callee's own sidecar", `  orders: { ${CALLS_PAY} }`, {
    ...seen("orders", "spiffe://td/ns/shop/sa/pay"),
  }),
  certified(
    "a caller that is declared by its service account, with another one's",
    `  orders: { identity: { kubernetes: [shop/orders] }, ${CALLS_PAY} }`,
    { ...seen("orders", "spiffe://td/ns/shop/sa/new"), ...MISMATCH },
  ),
  certified(
    "a caller that is declared by its service account, with its own",
    `  orders: { identity: { kubernetes: [shop/orders] }, ${CALLS_PAY} }`,
    seen("orders", "spiffe://td/ns/shop/sa/orders"),
  ),
  certified(
    "a caller behind a gateway, whose certificate comes",
    `${ORDERS}\n  edge: { traits: [gateway], identity: { spiffe: ["spiffe://td/ns/shop/sa/edge"] } }`,
    seen("orders", "spiffe://td/ns/shop/sa/edge"),
  ),
  certified(
    "a caller behind a proxy, whose certificate comes",
    `${ORDERS}\n  edge: { traits: [proxy], identity: { spiffe: ["spiffe://td/ns/shop/sa/edge"] } }`,
    seen("orders", "spiffe://td/ns/shop/sa/edge"),
  ),
  certified("a caller with a certificate that names a host", ORDERS, seen("orders", "https://orders.shop.example")),
  {
    ...certified("a caller with a certificate that it shares by declaration", ORDERS, {
      ...seen("orders", "spiffe://td/ns/shop/sa/jobs"),
    }),
    baseline: declare(
      `${ORDERS}\n  pay: { ${NAMED} }`,
      'identities: { jobs: { spiffe: "spiffe://td/ns/shop/sa/jobs", usedBy: [orders] } }',
    ),
  },
  certified("a caller that nobody saw, with another service's certificate", ORDERS, {
    trace: seen("orders", "spiffe://td/ns/shop/sa/orders")
      .trace.replace(/^[^;]*; /u, "")
      .replace("<1", "<7"),
    tokens: seen("orders", "spiffe://td/ns/shop/sa/orders").tokens ?? {},
  }),
];

const MTLS = "identity: { mtls: required }";
const CERTIFIED = `${drawPath("*web > pay", { trace: 9, called: "tok.x-forwarded-client-cert=F" })}`;
const OF_WEB = { F: { text: "Hash=aa11;URI=spiffe://td/ns/shop/sa/web" } };
const MISSING = { raises: ["mtls-required-missing"] } as const;

/** A call to pay, beside one of web's with a certificate. */
function bare(name: string, pay: string, rest: Rest = {}): JudgementCase {
  const baseline = declare(`  orders: { calls: { pay: {} } }\n  pay: { ${pay} }`).replace("logs: {}", "pay: {}");
  return { name, baseline, trace: `${CERTIFIED}; ${drawPath("*orders > pay")}`, tokens: OF_WEB, raises: [], ...rest };
}

/** Where certificates are required. */
const MUTUAL: readonly JudgementCase[] = [
  bare("a call without the certificate that its callee requires", MTLS, MISSING),
  bare("a call without a certificate, where none is required", ""),
  bare("a call without the certificate that the call itself declares", "", {
    baseline: declare("  orders: { calls: { pay: { mtls: required } } }\n  pay: {}").replace("logs: {}", "pay: {}"),
    ...MISSING,
  }),
  bare("a call without a certificate at an operation that is open to all", `${MTLS}, public: ["GET /pay"]`, {
    trace: `${drawPath("*web > pay", { trace: 9, called: "tok.x-forwarded-client-cert=F" }).replaceAll("/pay", "/buy")}; ${drawPath("*orders > pay")}`,
  }),
  bare("a health check without a certificate", MTLS, {
    baseline: `${declare(`  orders: { calls: { pay: {} } }\n  pay: { ${MTLS} }`).replace("logs: {}", "pay: {}")}\ninternal: { probes: [GET /pay] }`,
    trace: `${CERTIFIED.replaceAll("/pay", "/buy")}; ${drawPath("*orders > pay")}`,
  }),
  bare("a call in the clear to a service that speaks TLS itself", MTLS, {
    trace: `${drawPath("*web > pay", { trace: 9, calling: "url.scheme=https" })}; ${drawPath("*orders > pay", { calling: "url.scheme=http" })}`,
    ...MISSING,
    raises: ["mtls-required-missing"],
  }),
  bare("a call in the clear between two sidecars", MTLS, {
    baseline: `settings: { meshTls: [orders, pay] }\n${declare(`  orders: { calls: { pay: {} } }\n  pay: { ${MTLS} }`).replace("logs: {}", "pay: {}")}`,
    trace: `${drawPath("*web > pay", { trace: 9, calling: "url.scheme=https" })}; ${drawPath("*orders > pay", { calling: "url.scheme=http" })}`,
  }),
  bare("a call of which nobody can tell how it came, to a service that speaks TLS itself", MTLS, {
    trace: `${drawPath("*web > pay", { trace: 9, calling: "url.scheme=https" })}; ${drawPath("*orders > pay")}`,
  }),
  {
    name: "a call in the clear to a partner that requires a certificate",
    baseline: `${declare("  orders: { calls: { bank: { mtls: required } } }")}\nexternals: { bank: { hosts: [api.bank.example] } }`,
    trace:
      "orders C#1<9 {http.request.method=GET, url.full=http://api.bank.example/x, server.address=api.bank.example, http.response.status_code=200}",
    raises: ["mtls-required-missing"],
  },
  {
    name: "an encrypted call to a partner that requires a certificate",
    baseline: `${declare("  orders: { calls: { bank: { mtls: required } } }")}\nexternals: { bank: { hosts: [api.bank.example] } }`,
    trace:
      "orders C#1<9 {http.request.method=GET, url.full=https://api.bank.example/x, server.address=api.bank.example, http.response.status_code=200}",
    raises: [],
  },
];

const IN_THE_CLEAR = "url.full=http://pay/pay, server.address=pay";
const MESHED = (services: string): string => `settings: { meshTls: [pay] }\n${services}`;
const plain = (called: string): string =>
  `orders C#1<9 {http.request.method=GET, ${IN_THE_CLEAR}}; pay S#2<1 {http.request.method=GET, http.route=/pay, http.response.status_code=200, ${called}}`;

const KEY = { kty: "EC", crv: "P-256", x: sha256("x").toString("base64url"), y: sha256("y").toString("base64url") };
const THUMBPRINT = sha256(JSON.stringify({ crv: KEY.crv, kty: KEY.kty, x: KEY.x, y: KEY.y })).toString("base64url");
const THIEFS = { ...KEY, x: sha256("z").toString("base64url") };

function jwt(header: object, claims: object): string {
  const signed = [{ alg: "ES256", ...header }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${createHash("sha512").update(signed).digest("base64url")}`;
}

const BOUND = jwt({ typ: "at+jwt" }, { ...machine("orders").claims, cnf: { jkt: THUMBPRINT } });
function proof(key: object): CaseToken {
  const claims = { jti: "1", htm: "GET", htu: "https://pay/pay", iat: DRAWN_S };
  return { text: jwt({ typ: "dpop+jwt", jwk: key }, { ...claims, ath: sha256(BOUND).toString("base64url") }) };
}

const PROVED = drawPath("*orders > pay", { called: "tok.authorization=T, tok.dpop=P" });
const DOWNGRADE = { raises: ["sender-constraint-downgrade"] } as const;
function bound(name: string, rest: Rest = {}): JudgementCase {
  return {
    name,
    baseline: OWN(PAY),
    trace: PROVED,
    tokens: { T: { text: `DPoP ${BOUND}` }, P: proof(THIEFS), B: { text: BOUND } },
    raises: [],
    ...rest,
  };
}

const TO_CERTIFICATE = {
  text: jwt({ typ: "at+jwt" }, { ...machine("orders").claims, cnf: { "x5t#S256": sha256("c").toString("base64url") } }),
};
const FORWARDED = (text: string): Rest => ({
  trace: drawPath("*orders > pay(T)", { called: "tok.x-forwarded-client-cert=F" }),
  tokens: { T: TO_CERTIFICATE, F: { text } },
});

/** What tokens are bound to, and how they travel. */
const BOUND_TOKENS: readonly JudgementCase[] = [
  bound("a bound token with the proof of another key", DOWNGRADE),
  bound("a bound token with the proof of another key, refused", {
    trace: PROVED.replace("200", "401"),
    ...DOWNGRADE,
  }),
  bound("a bound token with the proof of another key, where tokens are ignored", {
    baseline: OWN(`${PAY}, public: ["GET /pay"]`),
  }),
  bound("a bound token as a bearer token at a service that nobody declares", {
    trace: drawPath("*orders > n(B)"),
    raises: ["undeclared-call", "unknown-service"],
  }),
  bound("a bound token as a bearer token, with an answer that leaves open whether it was good", {
    trace: drawPath("*orders > pay(B)500"),
    ...DOWNGRADE,
  }),
  withToken("a token bound to a certificate, at a service that shows none", TO_CERTIFICATE),
  withToken("a token bound to a certificate, without one, at a service that shows them", TO_CERTIFICATE, {
    trace: `${CALL}; ${drawPath("*orders > pay", { trace: 2, called: "tok.x-forwarded-client-cert=F" })}`,
    tokens: { T: TO_CERTIFICATE, F: { text: "URI=spiffe://td/ns/shop/sa/orders" } },
    ...DOWNGRADE,
  }),
  withToken("a token bound to a certificate of which only the name was passed on", TO_CERTIFICATE, {
    ...FORWARDED("URI=spiffe://td/ns/shop/sa/orders"),
  }),
  withToken("a token bound to a certificate, with another one, refused", TO_CERTIFICATE, {
    ...FORWARDED(`Hash=${sha256("d").toString("hex")};URI=spiffe://td/ns/shop/sa/orders`),
    trace: drawPath("*orders > pay(T)401", { called: "tok.x-forwarded-client-cert=F" }),
  }),
  withToken("a token bound to a certificate, with another one, where tokens are ignored", TO_CERTIFICATE, {
    ...FORWARDED(`Hash=${sha256("d").toString("hex")};URI=spiffe://td/ns/shop/sa/orders`),
    baseline: OWN(`${PAY}, public: ["GET /pay"]`),
  }),
  withToken("a token in the clear, beside a certificate that somebody forwarded", machine("orders"), {
    baseline: MESHED(OWN(PAY)),
    trace: plain("tok=T, tok.x-forwarded-client-cert=F"),
    tokens: { T: machine("orders"), F: { text: "URI=spiffe://td/ns/shop/sa/orders" } },
  }),
  withToken("a bound token in the clear", machine("orders"), {
    baseline: MESHED(OWN(PAY)),
    trace: plain("tok.authorization=T"),
    tokens: { T: { text: `DPoP ${BOUND}` } },
  }),
  withToken("a signed request in the clear", machine("orders"), {
    baseline: MESHED(OWN("")),
    trace: plain("tok.authorization=T"),
    tokens: {
      T: {
        text: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=${sha256("s").toString("hex")}`,
      },
    },
  }),
  withToken("a call in the clear with nothing on it", machine("orders"), {
    baseline: MESHED(OWN("")),
    trace: plain("http.request.body.size=1"),
  }),
  withToken("a token in the clear between strangers, one of whom is in the mesh", machine("orders"), {
    baseline: `settings: { meshTls: [n] }\n${declare("  orders: {}")}`,
    trace: drawPath("*m > n(T)", { calling: "url.full=http://n/x, server.address=n" }),
    raises: ["unknown-service"],
  }),
  withToken("an encrypted token to a service in the mesh, from one outside it", machine("orders"), {
    baseline: MESHED(OWN(PAY)),
    trace: plain("tok=T").replace("http://", "https://"),
  }),
  {
    name: "a partner's token in the clear, from a service in the mesh",
    baseline: `settings: { meshTls: [orders] }\n${declare("  orders: { calls: { bank: {} } }")}\nexternals: { bank: { hosts: [api.bank.example] } }`,
    trace:
      "orders C#1<9 {http.request.method=GET, url.full=http://api.bank.example/x, server.address=api.bank.example, http.response.status_code=200, tok=T}",
    tokens: { T: machine("orders", { iss: "https://bank.example" }) },
    raises: [],
  },
  withToken("a token in the URL, between strangers", machine("orders"), {
    trace: drawPath("*m > n", { called: "url.query=access_token=mF_9.B5f-4.1JqM" }),
    raises: ["unknown-service"],
  }),
  withToken("a presigned URL", machine("orders"), {
    baseline: OWN(""),
    trace: drawPath("*orders > pay", {
      called: "url.query=X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
    }),
    raises: ["credential-in-url"],
  }),
];

const OF_TYPE = (typ: string, claims: object = {}): CaseToken => lasting(600, { ...claims }, { typ });
const AS_TXN = drawPath("*orders > pay(T)", { header: "txn-token" });
const CONFUSED = { raises: ["token-type-confusion"] } as const;

/** Which tokens stand where. */
const TYPES: readonly JudgementCase[] = [
  withToken("an access token in place of a transaction token", OF_TYPE("at+jwt"), { trace: AS_TXN, ...CONFUSED }),
  withToken("an ID token in place of a transaction token", OF_TYPE("id_token+jwt", { nonce: "n" }), {
    trace: AS_TXN,
    ...CONFUSED,
  }),
  withToken("an access token in place of a workload identity token", OF_TYPE("at+jwt"), {
    trace: drawPath("*orders > pay(T)", { header: "workload-identity-token" }),
    ...CONFUSED,
  }),
  withToken(
    "an access token as Keycloak makes them in place of a transaction token",
    OF_TYPE("JWT", { typ: "Bearer" }),
    {
      trace: AS_TXN,
      ...CONFUSED,
    },
  ),
  withToken("a refresh token at a service", OF_TYPE("JWT", REFRESH), CONFUSED),
  withToken("a logout token at a service", OF_TYPE("logout+jwt"), CONFUSED),
  withToken("an ID token at a service, refused", OF_TYPE("id_token+jwt"), {
    trace: drawPath("*orders > pay(T)401"),
    ...CONFUSED,
  }),
  withToken("an ID token at a service, with an answer that leaves open whether it was good", OF_TYPE("id_token+jwt"), {
    trace: drawPath("*orders > pay(T)500"),
    ...CONFUSED,
  }),
  withToken("an ID token at a service that nobody declares", OF_TYPE("id_token+jwt"), {
    trace: drawPath("*orders > n(T)"),
    raises: ["undeclared-call", "unknown-service"],
  }),
  withToken("an access token beside an API key", OF_TYPE("at+jwt"), {
    trace: drawPath("*orders > pay(T)", { called: "tok.x-api-key=K" }),
    tokens: { T: OF_TYPE("at+jwt"), K: { text: "k3y-0123456789abcdef0123456789abcdef" } },
  }),
  withToken("a token that nobody signed, refused", unsigned(), { trace: drawPath("*orders > pay(T)401") }),
  withToken("a token that nobody signed, where tokens are ignored", unsigned(), {
    baseline: OWN(`${PAY}, public: ["GET /pay"]`),
  }),
  withToken("a token that nobody signed, at a service that nobody declares", unsigned(), {
    trace: drawPath("*orders > n(T)"),
    raises: ["undeclared-call", "unknown-service"],
  }),
  withToken("a token signed over SHA-1", lasting(600, {}, { alg: "RS1" }), { raises: ["weak-token-algorithm"] }),
  withToken(
    "a token signed over SHA-256, by an issuer that does not say how it signs",
    lasting(600, {}, { alg: "RS256" }),
  ),
  withToken("a symmetric token of an issuer that declares symmetric ones", lasting(600, {}, { alg: "HS512" }), {
    baseline: OWN(PAY).replace('corp: { iss: "', 'corp: { algorithms: [HS512], iss: "'),
  }),
  withToken("another symmetric token than its issuer declares", lasting(600, {}, { alg: "HS512" }), {
    baseline: OWN(PAY).replace('corp: { iss: "', 'corp: { algorithms: [HS256], iss: "'),
    raises: ["weak-token-algorithm"],
  }),
];

function unsigned(): CaseToken {
  return {
    text: `${jwt({ alg: "none", typ: "at+jwt" }, machine("orders").claims ?? {})
      .split(".")
      .slice(0, 2)
      .join(".")}.`,
  };
}

const AUTH = (auth: string): string => declare(`  orders: { calls: { pay: { auth: [${auth}] } } }\n  pay: {}`);
const STATIC = { raises: ["auth-method-drift", "static-credential-on-service-hop"] } as const;
const SECRET = { text: "k3y-0123456789abcdef0123456789abcdef" };
const signedBy = (key: string): string =>
  `AWS4-HMAC-SHA256 Credential=${key}/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=${sha256("s").toString("hex")}`;

function secret(name: string, auth: string, rest: Rest = {}): JudgementCase {
  return {
    name,
    baseline: AUTH(auth),
    trace: drawPath("*orders > pay(T)", { header: "x-api-key" }),
    tokens: { T: SECRET },
    raises: [],
    ...rest,
  };
}

/** Static secrets between services. */
const SECRETS: readonly JudgementCase[] = [
  secret("a key on a call that declares keys", "api-key"),
  secret("a key on a call that declares passwords", "basic", STATIC),
  secret("a password on a call that declares passwords", "basic", {
    trace: drawPath("*orders > pay", { called: "hdr.authorization=Basic d2ViOmNvcnJlY3QtaG9yc2U=" }),
  }),
  secret("a masked key, on a call that declares tokens", "jwt", {
    trace: drawPath("*orders > pay", { called: "hdr.x-api-key=[REDACTED]" }),
    ...STATIC,
  }),
  secret("a masked password, on a call that declares tokens", "jwt", {
    trace: drawPath("*orders > pay", { called: "hdr.authorization=Basic [REDACTED]" }),
    raises: ["static-credential-on-service-hop"],
  }),
  secret("a key in the header for tokens", "jwt", {
    trace: drawPath("*orders > pay", { called: "hdr.authorization=ApiKey k3y-0123456789abcdef0123456789abcdef" }),
    ...STATIC,
  }),
  secret("a call that says that no key came, where tokens are declared", "jwt", {
    trace: drawPath("*orders > pay", { called: "trustdrift.credential.api_key.present=false" }),
    raises: ["unauthenticated-call-accepted"],
  }),
  secret("a password for a proxy on the way", "jwt", {
    trace: drawPath("*orders > pay(T)", { called: "hdr.proxy-authorization=Basic d2ViOmNvcnJlY3QtaG9yc2U=" }),
    tokens: { T: machine("orders") },
  }),
  secret("a client's password at who issues tokens", "jwt", {
    baseline: AUTH("jwt").replace("pay: {}", "pay: { traits: [control-plane] }"),
    trace: drawPath("*orders > pay", { called: "hdr.authorization=Basic d2ViOmNvcnJlY3QtaG9yc2U=" }),
    raises: ["auth-method-drift"],
  }),
  secret("a request that is signed by a long-term key", "jwt", {
    trace: drawPath("*orders > pay(T)", { header: "authorization" }),
    tokens: { T: { text: signedBy("AKIAIOSFODNN7EXAMPLE") } },
    ...STATIC,
  }),
  secret("a request that is signed by a temporary key", "jwt", {
    trace: drawPath("*orders > pay(T)", { header: "authorization" }),
    tokens: { T: { text: signedBy("ASIAIOSFODNN7EXAMPLE") } },
    raises: ["auth-method-drift"],
  }),
  secret("a key on a call that nobody declared", "jwt", {
    baseline: declare("  orders: {}\n  pay: {}"),
    raises: ["undeclared-call"],
  }),
  secret("a key for a partner, on a call that declares tokens", "jwt", {
    baseline: `${declare("  orders: { calls: { bank: { auth: [jwt] } } }")}\nexternals: { bank: { hosts: [api.bank.example] } }`,
    trace:
      "orders C#1<9 {http.request.method=GET, server.address=api.bank.example, http.response.status_code=200, tok.x-api-key=T}",
    raises: ["auth-method-drift"],
  }),
  {
    name: "a person's password in the hands of a browser",
    baseline: declare("  orders: { ingress: [{ from: internet }] }"),
    trace: drawPath("orders", { called: "hdr.authorization=Basic d2ViOmNvcnJlY3QtaG9yc2U=" }),
    raises: [],
  },
];

/** How long credentials last, what they are bound to, and where they stand. */
export const TRANSPORT_CASES: readonly JudgementCase[] = [
  ...LIFETIMES,
  ...PEERS,
  ...MUTUAL,
  ...BOUND_TOKENS,
  ...TYPES,
  ...SECRETS,
];
