import { drawPath } from "../draw-path.ts";
import { type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const CORP = "https://idp.example";
const TIMES = { iat: DRAWN_S - 60, exp: DRAWN_S + 600 };
const corp = (claims: CaseToken["claims"] = {}): CaseToken => ({
  header: { typ: "at+jwt" },
  claims: { iss: CORP, aud: "orders-api", client_id: "web", sub: "web", ...TIMES, ...claims },
});

type Estate = { readonly call?: string; readonly orders?: string; readonly rest?: string };

const ACCEPTS = "accepts: [{ issuer: corp, audiences: [orders-api] }]";

/** Web calls orders, with these keys of the call and of orders. */
function estate({ call: declared = "", orders = ACCEPTS, rest = "" }: Estate): string {
  return `
issuers: { corp: { iss: "${CORP}" } }
internal: { probes: ["GET /up"] }
services:
  web: { calls: { orders: { ${declared} } } }
  cart: {}
  orders: { ${orders} }
${rest}`;
}

const answer = (operation: string, status = 200): string => {
  const [method = "", route = ""] = operation.split(" ");
  return `http.request.method=${method}, http.route=${route}, http.response.status_code=${status}`;
};
const POST = answer("POST /orders");

const NOTHING = "trustdrift.credential.authorization.present=false";
const PASSWORD = "hdr.authorization=Basic d2ViOmNvcnJlY3QtaG9yc2U=";
const KEY = "hdr.x-api-key=5f2c8a9e4b7d1c3f6a0e9b8d7c6a5f4e";

/** A case in which web calls orders, whose span shows what came. */
function came(name: string, declared: Estate, shown: string, raises: JudgementCase["raises"]): JudgementCase {
  return {
    name,
    baseline: estate(declared),
    trace: `web C#1<9 {peer=orders}; orders S#2<1 {${shown.includes("http.") ? "" : `${POST}, `}${shown}}`,
    tokens: { T: corp() },
    raises,
  };
}

const OWN = "token: { mode: own }";

/** Calls that come with nothing. */
const NOTHING_SHOWN: readonly JudgementCase[] = [
  came("a call that is declared to come with nothing", { call: "auth: [none]" }, NOTHING, []),
  came("a call that is declared to come with a JWT or with nothing", { call: "auth: [jwt, none]" }, NOTHING, []),
  came("a call that is declared to have no way of authenticating", { call: "auth: []" }, NOTHING, []),
  came(
    "a call that is declared to come with a JWT, and comes with nothing",
    { call: "auth: [jwt]", orders: "" },
    NOTHING,
    ["unauthenticated-call-accepted"],
  ),
  came("a call that is declared to carry no token, and carries none", { call: "token: { mode: none }" }, NOTHING, []),
  came(
    "a call that has to carry a token, and carries none",
    { call: "token: { mode: own, required: true }", orders: "" },
    NOTHING,
    ["unauthenticated-call-accepted"],
  ),
  came("a call of which nothing is said, which says itself that it came with nothing", {}, NOTHING, [
    "unauthenticated-call-accepted",
  ]),
  came(
    "a call of which nothing is said, which came with nothing to a service that takes anybody",
    { orders: "" },
    NOTHING,
    [],
  ),
  {
    ...came("a call of which nothing is said and nothing was seen, at a service that shows tokens", {}, "tok=T", []),
    trace: `web C#1<9 {peer=orders}; orders S#2<1 {${POST}, tok=T}; web C#3<9@2 {peer=orders}; orders S#4<3@2 {${POST}}`,
  },
  {
    ...came("a call that nobody declares and that comes with nothing", {}, NOTHING, [
      "unauthenticated-call-accepted",
      "undeclared-call",
    ]),
    trace: `cart C#1<9 {peer=orders}; orders S#2<1 {${POST}, ${NOTHING}}`,
  },
  came(
    "a call for what is public",
    { call: OWN, orders: `${ACCEPTS}, public: ["GET /prices"]` },
    `${answer("GET /prices")}, ${NOTHING}`,
    [],
  ),
  came("a call for what owners call a probe", { call: OWN }, `${answer("GET /up")}, ${NOTHING}`, []),
  came(
    "a call for the keys that tokens are checked with",
    { call: OWN },
    `${answer("GET /.well-known/jwks.json")}, ${NOTHING}`,
    [],
  ),
  came("a call of which no span says what for", { call: OWN }, `http.response.status_code=200, ${NOTHING}`, [
    "unauthenticated-call-accepted",
  ]),
  came(
    "a login at the service that issues tokens",
    { call: OWN, orders: `${ACCEPTS}, traits: [control-plane]` },
    NOTHING,
    [],
  ),
  {
    ...came("a call through a proxy that checks the token and takes it off", {}, NOTHING, []),
    baseline: estate({ call: OWN }).replace("  web: {", "  web: { traits: [proxy],"),
  },
  {
    ...came("a message to a service that shows tokens", { call: OWN }, "tok=T", []),
    trace: `web C#1<9 {peer=orders}; orders S#2<1 {${POST}, tok=T}
      web P#3<9@2 {messaging.system=kafka, messaging.destination.name=orders}
      orders K#4<3@2 {messaging.system=kafka, messaging.destination.name=orders}`,
  },
  {
    ...came("a call from nobody known that comes with nothing", {}, NOTHING, [
      "unattributed-call",
      "unauthenticated-call-accepted",
    ]),
    trace: `orders S#2<1 {${POST}, ${NOTHING}}`,
  },
  {
    ...came("a call from a service that nobody declares that comes with nothing", {}, NOTHING, [
      "unauthenticated-call-accepted",
      "undeclared-call",
      "unknown-service",
    ]),
    trace: `shadow C#1<9 {peer=orders}; orders S#2<1 {${POST}, ${NOTHING}}`,
  },
];

const inward = (name: string, orders: string, shown: string, raises: JudgementCase["raises"]): JudgementCase => ({
  ...came(name, { orders }, shown, raises),
  trace: `orders S#2 {client.address=8.8.8.8, ${shown}}`,
});

/** What comes from outside. */
const ENTRIES: readonly JudgementCase[] = [
  inward(
    "outside traffic without a token at an entry that asks for none",
    `${ACCEPTS}, ingress: [{ from: internet }]`,
    `${POST}, ${NOTHING}`,
    [],
  ),
  inward(
    "outside traffic without a token at an entry that requires one",
    "ingress: [{ from: internet, token: required }]",
    `${POST}, ${NOTHING}`,
    ["unauthenticated-call-accepted"],
  ),
  inward(
    "outside traffic without a token for one thing, where another one requires it",
    `ingress: [{ from: internet, operations: ["POST /refunds"], token: required }, { from: internet, operations: ["POST /orders"] }]`,
    `${POST}, ${NOTHING}`,
    [],
  ),
  inward(
    "outside traffic without a token for one thing, which requires it, where another one does not",
    `ingress: [{ from: internet, operations: ["POST /refunds"] }, { from: internet, operations: ["POST /orders"], token: required }]`,
    `${POST}, ${NOTHING}`,
    ["unauthenticated-call-accepted"],
  ),
  inward(
    "outside traffic without a token of which no span says what for",
    `ingress: [{ from: internet, operations: ["POST /orders"], token: required }]`,
    `http.response.status_code=200, ${NOTHING}`,
    [],
  ),
  inward("outside traffic without a token by no declared entry", ACCEPTS, `${POST}, ${NOTHING}`, [
    "unauthenticated-call-accepted",
    "undeclared-ingress",
  ]),
  inward(
    "outside traffic without a token by no declared entry, at a service that takes none",
    "accepts: []",
    `${POST}, ${NOTHING}`,
    ["undeclared-ingress"],
  ),
];

const REQUIRED = "token: { mode: own, required: true }";

const ENTRY = `${ACCEPTS}, ingress: [{ from: internet }]`;
const BESIDE_ENTRIES: readonly JudgementCase[] = [
  came(
    "a declared caller that comes with nothing to a service with an entry for the outside",
    { orders: ENTRY },
    NOTHING,
    ["unauthenticated-call-accepted"],
  ),
  {
    ...came(
      "a call from nobody known that comes with nothing to a service with an entry for the outside",
      {},
      NOTHING,
      ["unattributed-call", "unauthenticated-call-accepted"],
    ),
    baseline: estate({ orders: ENTRY }),
    trace: `orders S#2<1 {${POST}, ${NOTHING}}`,
  },
  came(
    "a call that is declared to come with a JWT, for what is public",
    { call: "auth: [jwt]", orders: 'public: ["GET /prices"]' },
    `${answer("GET /prices")}, ${NOTHING}`,
    [],
  ),
];

/** The caller's certificate as a sidecar shows it: of whoever called, not of the sidecar itself. */
const CERTIFICATE = { text: "By=spiffe://td/ns/pay/sa/pay;Hash=aa11;URI=spiffe://td/ns/web/sa/web" };
const SIDECAR = "[trustdrift.workload.identity.id=spiffe://td/ns/pay/sa/pay]";
const WITH_CERTIFICATE = `${POST}, tok.x-forwarded-client-cert=F`;

function certified(name: string, declared: Estate, drawn: string, raises: JudgementCase["raises"]): JudgementCase {
  return { name, baseline: estate(declared), trace: drawn, tokens: { T: corp(), F: CERTIFICATE }, raises };
}

const ONLY_CERTIFICATE = `web C#3<9@2 {peer=orders}; orders S#4<3@2 {${WITH_CERTIFICATE}} ${SIDECAR}`;
const WITH_BOTH = `web C#1<9 {peer=orders}; orders S#2<1 {${WITH_CERTIFICATE}, tok=T} ${SIDECAR}`;

/** Certificates where tokens are required. */
const CERTIFICATES: readonly JudgementCase[] = [
  certified(
    "a certificate without the required token, at a service that shows tokens",
    { call: REQUIRED },
    `${WITH_BOTH}; ${ONLY_CERTIFICATE}`,
    ["credential-missing"],
  ),
  certified("a certificate beside the required token", { call: REQUIRED }, WITH_BOTH, []),
  certified("a certificate where nobody shows whether a token came", { call: REQUIRED }, ONLY_CERTIFICATE, []),
  certified(
    "a certificate where the callee says itself that no token came",
    { call: REQUIRED },
    ONLY_CERTIFICATE.replace(POST, `${POST}, ${NOTHING}`),
    ["credential-missing"],
  ),
  certified(
    "a certificate on a call that is declared to use JWTs, at a service that takes and shows tokens",
    { call: "auth: [jwt, mtls]" },
    `${WITH_BOTH}; ${ONLY_CERTIFICATE}`,
    ["credential-missing"],
  ),
];

/** Calls that come with something else than they should. */
const ELSE_SHOWN: readonly JudgementCase[] = [
  came("a password where a token is required by the caller's word", { call: REQUIRED, orders: "" }, PASSWORD, [
    "credential-missing",
  ]),
  came(
    "a password where a token is required, refused",
    { call: REQUIRED, orders: "" },
    `${answer("POST /orders", 401)}, ${PASSWORD}`,
    [],
  ),
  came(
    "a password where a token is required, and the callee fell over",
    { call: REQUIRED, orders: "" },
    `${answer("POST /orders", 500)}, ${PASSWORD}`,
    [],
  ),
  came(
    "a password for what is public",
    { call: REQUIRED, orders: 'public: ["GET /prices"]' },
    `${answer("GET /prices")}, ${PASSWORD}`,
    [],
  ),
  came(
    "a password at a service that takes tokens, on a call that is declared to use passwords",
    { call: "auth: [basic]" },
    PASSWORD,
    [],
  ),
  came(
    "a key at a service that takes tokens, on a call that is declared to use passwords",
    { call: "auth: [basic]" },
    KEY,
    ["auth-method-drift", "static-credential-on-service-hop"],
  ),
  came(
    "a password at a service that takes tokens, on a call that is declared to use opaque ones",
    { call: "auth: [opaque]" },
    PASSWORD,
    ["auth-method-drift", "credential-missing", "static-credential-on-service-hop"],
  ),
  came(
    "a password at a service that takes tokens, on a call that is declared to use JWTs",
    { call: "auth: [jwt]" },
    PASSWORD,
    ["auth-method-drift", "credential-missing", "static-credential-on-service-hop"],
  ),
  came("a password at a service that takes tokens, on a call of which nothing is said", {}, PASSWORD, [
    "credential-missing",
  ]),
  {
    ...came(
      "a password that only the caller shows, where something on the way may have made a token of it",
      { call: REQUIRED },
      "",
      [],
    ),
    trace: `web C#1<9 {peer=orders, ${PASSWORD}}; orders S#2<1 {${POST}}`,
  },
  came(
    "a password at the service that issues tokens",
    { call: REQUIRED, orders: "traits: [control-plane]" },
    PASSWORD,
    [],
  ),
  {
    name: "a password to a partner that is to get a token",
    baseline: estate({ rest: "externals: { away: { hosts: [api.away.example] } }" }).replace(
      "calls: {",
      `calls: { away: { ${REQUIRED} },`,
    ),
    trace: `web C#1<9 {server.address=api.away.example, http.response.status_code=200, ${PASSWORD}}`,
    raises: [],
  },
  came("a masked value where a token is required", { call: REQUIRED, orders: "" }, "hdr.authorization=[REDACTED]", []),
];

const METHOD = (name: string, auth: string, shown: string, raises: JudgementCase["raises"]): JudgementCase =>
  came(name, { call: `auth: [${auth}]`, orders: 'public: ["GET /prices"]' }, shown, raises);
const OPAQUE = "hdr.authorization=Bearer mF_9.B5f-4.1JqM9mF_9B5f41JqM";

/** The ways of authenticating. */
const METHODS: readonly JudgementCase[] = [
  METHOD("a password where a JWT is declared, for what is public", "jwt", `${answer("GET /prices")}, ${PASSWORD}`, [
    "static-credential-on-service-hop",
  ]),
  came("a key on a call that is to carry no token", { call: "token: { mode: none }", orders: "" }, KEY, []),
  METHOD("a key where a key is declared", "api-key", KEY, []),
  METHOD("a password where a password is declared", "basic", PASSWORD, []),
  METHOD("an opaque token where one is declared", "opaque", OPAQUE, []),
  METHOD("an opaque token where a JWT is declared", "jwt", OPAQUE, ["auth-method-drift"]),
  METHOD("a JWT where an opaque token is declared", "opaque", "tok=T", ["auth-method-drift"]),
  METHOD(
    "a proxy's password beside the declared JWT",
    "jwt",
    `tok=T, hdr.proxy-authorization=Basic cHJveHk6Y29ycmVjdA==`,
    [],
  ),
  {
    ...METHOD(
      "what a proxy asserts of the user, beside the declared opaque token",
      "opaque",
      `${OPAQUE}, tok.x-goog-iap-jwt-assertion=I`,
      [],
    ),
    tokens: { I: corp({ iss: "https://cloud.google.com/iap", sub: "ann" }) },
  },
  {
    ...METHOD("what a proxy asserts of the user, where a JWT is declared", "jwt", "tok.x-goog-iap-jwt-assertion=I", []),
    tokens: { I: corp({ iss: "https://cloud.google.com/iap", sub: "ann" }) },
  },
  {
    ...METHOD(
      "what a proxy asserts of the user and nothing else, where an opaque token is declared",
      "opaque",
      "tok.x-goog-iap-jwt-assertion=I",
      ["auth-method-drift"],
    ),
    tokens: { I: corp({ iss: "https://cloud.google.com/iap", sub: "ann" }) },
  },
  {
    ...METHOD("a transaction token beside the declared JWT", "jwt", "tok=T, tok.txn-token=X", ["auth-method-drift"]),
    tokens: {
      T: corp(),
      X: {
        header: { typ: "txntoken+jwt" },
        claims: { iss: CORP, aud: "shop.example", txn: "1", sub: "ann", ...TIMES, exp: DRAWN_S + 120 },
      },
    },
  },
  {
    ...METHOD("a transaction token that is declared beside the JWT", "jwt, transaction", "tok=T, tok.txn-token=X", []),
    tokens: {
      T: corp(),
      X: {
        header: { typ: "txntoken+jwt" },
        claims: { iss: CORP, aud: "shop.example", txn: "1", sub: "ann", ...TIMES, exp: DRAWN_S + 120 },
      },
    },
  },
];

const doors = (calls: string, names: string): string => `
issuers: { corp: { iss: "${CORP}" } }
services: { web: { calls: { ${calls} } }, ${names} }
`;
const THREE = "a: {}, b: {}, c: {}";
type Try = readonly [path: string, afterS: number];
const tried = (...tries: readonly Try[]): Pick<JudgementCase, "trace" | "later" | "tokens"> => {
  const drawn = tries.map(([path], index) => {
    const atS = tries.slice(0, index + 1).reduce((sum, [, afterS]) => sum + afterS, 0);
    return drawPath(`*${path}`, { trace: index + 1, atS });
  });
  const later = tries.map(([, afterS], index) => ({ afterS, trace: drawn[index] ?? "" })).slice(1);
  return { trace: drawn[0] ?? "", later, tokens: { T: corp({ exp: DRAWN_S + 3_600 * 3, iat: DRAWN_S }) } };
};

/** Tokens that are tried here and there; times are counted from the try before. */
const TRIES: readonly JudgementCase[] = [
  {
    name: "a token that two doors refuse, one of which its holder has no business with",
    baseline: doors("a: {}, b: {}", THREE),
    ...tried(["web > a(T)401", 0], ["web > c(T)401", 5]),
    raises: ["undeclared-call"],
  },
  {
    name: "a token that three doors refuse within ten minutes, to the second",
    baseline: doors("a: {}, b: {}", THREE),
    ...tried(["web > a(T)401", 0], ["web > b(T)401", 300], ["web > c(T)403", 300]),
    raises: ["token-audience-probing", "undeclared-call"],
  },
  {
    name: "a token that three doors refuse within hours",
    baseline: doors("a: {}, b: {}", THREE),
    ...tried(["web > a(T)401", 0], ["web > b(T)401", 3_600], ["web > c(T)403", 3_600]),
    raises: ["undeclared-call"],
  },
  {
    name: "a token that three doors refuse within minutes, hours after another one did",
    baseline: doors("a: {}, b: {}, d: {}", `${THREE}, d: {}`),
    ...tried(["web > d(T)401", 0], ["web > a(T)401", 3_600], ["web > b(T)401", 5], ["web > c(T)403", 5]),
    raises: ["token-audience-probing", "undeclared-call"],
  },
  {
    name: "a token that one of three doors refuses",
    baseline: doors("a: {}, b: {}", THREE),
    ...tried(["web > a(T)", 0], ["web > b(T)", 5], ["web > c(T)403", 5]),
    raises: ["undeclared-call"],
  },
  {
    name: "a token that three doors refuse, one of which had let it in",
    baseline: doors("a: {}, b: {}", THREE),
    ...tried(["web > a(T)", 0], ["web > a(T)401", 5], ["web > b(T)401", 5], ["web > c(T)403", 5]),
    raises: ["undeclared-call"],
  },
  {
    name: "two strangers between whom a token is tried",
    baseline: doors("", "a: {}"),
    ...tried(["dusk > x(T)401", 0], ["dusk > y(T)401", 5], ["dusk > z(T)401", 5]),
    raises: ["unknown-service"],
  },
  {
    name: "a stranger who tries a token at declared doors",
    baseline: doors("", THREE),
    ...tried(["dusk > a(T)401", 0], ["dusk > b(T)401", 5], ["dusk > c(T)401", 5]),
    raises: ["token-audience-probing", "undeclared-call", "unknown-service"],
  },
  {
    name: "a declared service that tries a token at strangers' doors",
    baseline: doors("", THREE),
    ...tried(["web > x(T)401", 0], ["web > y(T)401", 5], ["web > z(T)401", 5]),
    raises: ["token-audience-probing", "undeclared-call", "unknown-service"],
  },
];

/** Whether callers show who they are, and how. */
export const AUTHENTICATION_CASES: readonly JudgementCase[] = [
  ...NOTHING_SHOWN,
  ...ENTRIES,
  ...BESIDE_ENTRIES,
  ...CERTIFICATES,
  ...ELSE_SHOWN,
  ...METHODS,
  ...TRIES,
];
