import { createHash } from "node:crypto";
import { type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const CORP = "https://idp.example";
const TIMES = { iat: DRAWN_S - 60, exp: DRAWN_S + 600 };
const CALLED = "http.request.method=POST, http.route=/orders, http.response.status_code=200";

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** A whole JWT, whose digest others may name. */
function jwt(header: object, claims: object): string {
  const signed = [{ alg: "ES256", ...header }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${createHash("sha512").update(signed).digest("base64url")}`;
}

function access(claims: object = {}, header: object = {}): string {
  return jwt(
    { typ: "at+jwt", ...header },
    { iss: CORP, aud: "orders-api", client_id: "web", sub: "web", ...TIMES, ...claims },
  );
}

const ORDERS = `accepts: [{ issuer: corp, audiences: [orders-api] }]`;

function declare(orders: string): string {
  return `
issuers: { corp: { iss: "${CORP}", algorithms: [ES256] } }
services:
  web: { identity: { spiffe: ["spiffe://td/ns/web/sa/web"] }, calls: { orders: {}, stock: {}, storage: {} } }
  admin: { identity: { spiffe: ["spiffe://td/ns/admin/sa/admin"] }, calls: { orders: {} } }
  orders: { ${orders} }
  stock: {}
externals: { storage: { hosts: ["*.amazonaws.com"] } }
`;
}

function call(attributes: string, called = CALLED): string {
  return `web C#1<9 {peer=orders}; orders S#2<1 {${called}, ${attributes}}`;
}

type Labelled = Pick<JudgementCase, "name" | "raises"> & { readonly token: string };

function withToken({ name, token, raises }: Labelled): JudgementCase {
  return { name, baseline: declare(ORDERS), trace: call("tok=T"), tokens: { T: { text: token } }, raises };
}

const KEY = { kty: "EC", crv: "P-256", x: digest("x"), y: digest("y") };
const THUMBPRINT = digest(JSON.stringify({ crv: KEY.crv, kty: KEY.kty, x: KEY.x, y: KEY.y }));
const BOUND = access({ cnf: { jkt: THUMBPRINT } });

function dpop(id: string): string {
  const claims = { jti: id, htm: "POST", htu: "https://orders/orders", iat: DRAWN_S, ath: digest(BOUND) };
  return jwt({ typ: "dpop+jwt", jwk: KEY }, claims);
}

/** RFC 9449: a token that is worth nothing without its key. */
const DPOP: readonly JudgementCase[] = [
  {
    name: "a bound token with its proof",
    baseline: declare(ORDERS),
    trace: call("tok.authorization=T, tok.dpop=P"),
    tokens: { T: { text: `DPoP ${BOUND}` }, P: { text: dpop("1") } },
    raises: [],
  },
  {
    name: "a bound token taken as a bearer token",
    baseline: declare(ORDERS),
    trace: call("tok=T"),
    tokens: { T: { text: BOUND } },
    raises: ["sender-constraint-downgrade"],
  },
  {
    name: "a bound token without a proof, where spans do not show proofs",
    baseline: declare(ORDERS),
    trace: call("tok.authorization=T"),
    tokens: { T: { text: `DPoP ${BOUND}` } },
    raises: [],
  },
  {
    name: "a bound token without a proof, where spans show proofs",
    baseline: declare(ORDERS),
    trace: `${call("tok.authorization=T, tok.dpop=P")}; web C#3<9@2 {peer=orders}; orders S#4<3@2 {${CALLED}, tok.authorization=T}`,
    tokens: { T: { text: `DPoP ${BOUND}` }, P: { text: dpop("1") } },
    raises: ["sender-constraint-downgrade"],
  },
];

const WIT = jwt(
  { typ: "wit+jwt", kid: "1" },
  { iss: "https://td.example", sub: "spiffe://td/ns/web/sa/web", ...TIMES, cnf: { jwk: KEY } },
);

function wpt(id: string, audience: string): CaseToken {
  return { text: jwt({ typ: "wpt+jwt" }, { aud: audience, exp: DRAWN_S + 60, jti: id, wth: digest(WIT) }) };
}

/** WIMSE and transaction tokens: one token for many, by design. */
const SHARED: readonly JudgementCase[] = [
  {
    name: "a workload identity token to two callees, each with a proof of its own",
    baseline: declare(""),
    trace: `web C#1<9 {peer=orders}; orders S#2<1 {${CALLED}, tok.workload-identity-token=W, tok.workload-proof-token=P}
      web C#3<9 {peer=stock}; stock S#4<3 {http.response.status_code=200, tok.workload-identity-token=W, tok.workload-proof-token=Q}`,
    tokens: { W: { text: WIT }, P: wpt("1", "https://orders"), Q: wpt("2", "https://stock") },
    raises: [],
  },
  {
    name: "a workload identity token used as a bearer token",
    baseline: declare(""),
    trace: call("tok=W"),
    tokens: { W: { text: WIT } },
    raises: ["token-type-confusion"],
  },
  {
    name: "a transaction token in its own header, over two services",
    baseline: declare(""),
    trace: `web C#1<9 {peer=orders}; orders S#2<1 {${CALLED}, tok.txn-token=X}
      web C#3<9 {peer=stock}; stock S#4<3 {http.response.status_code=200, tok.txn-token=X}`,
    tokens: {
      X: {
        header: { typ: "txntoken+jwt" },
        claims: { aud: "td", txn: "7", sub: "u", scope: "buy", req_wl: "web", iat: DRAWN_S - 10, exp: DRAWN_S + 200 },
      },
    },
    raises: [],
  },
];

const FORGED = "URI=spiffe://td/ns/admin/sa/root,";
const SHOWN = "By=spiffe://td/ns/pay/sa/pay;Hash=aa11;URI=spiffe://td/ns/web/sa/web";
const SELF = "[trustdrift.workload.identity.id=spiffe://td/ns/pay/sa/pay]";
const PAYING = 'identity: { spiffe: ["spiffe://td/ns/pay/sa/pay"], mtls: required }';

/** Sidecars in front of both: plain HTTP to the application, and the caller's name in a header. */
const CERTIFICATES: readonly JudgementCase[] = [
  {
    name: "a forged element before the sidecar's own names nobody",
    baseline: declare(PAYING),
    trace: `web C#1<9 {peer=orders, url.scheme=http}; orders S#2<1 {${CALLED}, network.peer.address=127.0.0.6, tok.x-forwarded-client-cert=F} ${SELF}`,
    tokens: { F: { text: FORGED + SHOWN } },
    raises: [],
  },
  {
    name: "spans that say admin, with web's certificate",
    baseline: declare(PAYING),
    trace: `admin C#1<9 {peer=orders, url.scheme=http}; orders S#2<1 {${CALLED}, network.peer.address=127.0.0.6, tok.x-forwarded-client-cert=F} ${SELF}`,
    tokens: { F: { text: FORGED + SHOWN } },
    raises: ["mtls-identity-mismatch"],
  },
  {
    name: "an ambient mesh, which shows no certificate to anybody",
    baseline: declare(PAYING),
    trace: `web C#1<9 {peer=orders, url.scheme=http}; orders S#2<1 {${CALLED}} ${SELF}`,
    raises: [],
  },
  {
    name: "one caller comes past the sidecar",
    baseline: declare(PAYING),
    trace: `web C#1<9 {peer=orders}; orders S#2<1 {${CALLED}, tok.x-forwarded-client-cert=F} ${SELF}
      web C#3<9@2 {peer=orders}; orders S#4<3@2 {${CALLED}} ${SELF}`,
    tokens: { F: { text: SHOWN } },
    raises: ["mtls-required-missing"],
  },
];

/** RFC 8705: a token that is bound to the certificate of its holder's connection. */
function certified(name: string, certificate: string, rest: Partial<JudgementCase> = {}): JudgementCase {
  const thumbprint = Buffer.from(digestHex("web"), "hex").toString("base64url");
  const shown = `By=spiffe://td/ns/pay/sa/pay;Hash=${digestHex(certificate)};URI=spiffe://td/ns/web/sa/web`;
  return {
    name,
    baseline: declare(ORDERS),
    trace: `${call("tok=T, tok.x-forwarded-client-cert=F")} ${SELF}`,
    tokens: { T: { text: access({ cnf: { "x5t#S256": thumbprint } }) }, F: { text: shown } },
    raises: [],
    ...rest,
  };
}

function digestHex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const BOUND_TO_CERTIFICATES: readonly JudgementCase[] = [
  certified("a token with the certificate that it is bound to", "web"),
  certified("a token with another certificate than the one that it is bound to", "thief", {
    raises: ["certificate-binding-mismatch"],
  }),
];

/** What stands in URLs, and signs single requests. */
const URLS: readonly JudgementCase[] = [
  {
    name: "an access token in the URL",
    baseline: declare(""),
    trace: call("url.query=access_token=mF_9.B5f-4.1JqM&page=2"),
    raises: ["credential-in-url"],
  },
  {
    name: "the code of a login's redirect",
    baseline: declare(""),
    trace: call("url.query=code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj"),
    raises: ["credential-in-url"],
  },
  { name: "a page's number in the URL", baseline: declare(""), trace: call("url.query=page=2"), raises: [] },
  {
    name: "requests to a cloud that are signed by temporary keys",
    baseline: declare(""),
    trace: `web C#1<9 {server.address=s3.amazonaws.com, http.response.status_code=200, tok.authorization=A}
      web C#2<9 {server.address=s3.amazonaws.com, http.response.status_code=200, tok.authorization=B}`,
    tokens: Object.fromEntries(
      ["A", "B"].map((name) => [
        name,
        {
          text: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=${createHash("sha256").update(name).digest("hex")}`,
        },
      ]),
    ),
    raises: [],
  },
];

/** How long tokens last, and who signed them. */
const CLAIMS: readonly Labelled[] = [
  { name: "a token for an hour", token: access({ iat: DRAWN_S - 10, exp: DRAWN_S + 3590 }), raises: [] },
  { name: "a token for a week", token: access({ exp: DRAWN_S + 604_800 }), raises: ["excessive-token-lifetime"] },
  { name: "a token for good", token: access({ exp: undefined }), raises: ["non-expiring-credential"] },
  {
    name: "a token that ended ten minutes ago",
    token: access({ iat: DRAWN_S - 1200, exp: DRAWN_S - 600 }),
    raises: ["expired-token-accepted"],
  },
  {
    name: "a token that ended within the leeway",
    token: access({ iat: DRAWN_S - 1200, exp: DRAWN_S - 20 }),
    raises: [],
  },
  {
    name: "a token of tomorrow",
    token: access({ iat: DRAWN_S + 86_400, nbf: DRAWN_S + 86_400, exp: DRAWN_S + 87_000 }),
    raises: ["premature-token-accepted"],
  },
  { name: "a token that begins within the leeway", token: access({ nbf: DRAWN_S + 20 }), raises: [] },
  {
    name: "a token that nobody signed",
    token: `${access({}, { alg: "none" }).split(".").slice(0, 2).join(".")}.`,
    raises: ["weak-token-algorithm"],
  },
  {
    name: "a token signed as its issuer signs none",
    token: access({}, { alg: "HS512" }),
    raises: ["weak-token-algorithm"],
  },
];

/** What the callee requires of tokens beside their audience. */
const REQUIRED = `accepts: [{ issuer: corp, audiences: [orders-api], scopes: { required: ["orders:write"], allowed: ["orders:*"] }, subjects: [service] }]`;

const SCOPES: readonly JudgementCase[] = [
  { name: "the required scope", scope: "orders:write", raises: [] },
  { name: "another scope of the same kind beside it", scope: "orders:write orders:read openid", raises: [] },
  { name: "a scope for something else beside it", scope: "orders:write admin", raises: ["undeclared-scope"] as const },
  { name: "only another scope than the required one", scope: "orders:read", raises: ["scope-missing"] as const },
].map(({ name, scope, raises }) => ({
  name: `a token with ${name}`,
  baseline: declare(REQUIRED),
  trace: call("tok=T"),
  tokens: { T: { text: access({ scope }) } },
  raises,
}));

const SUBJECTS: readonly JudgementCase[] = [
  {
    name: "a person's token where workloads are let in only",
    baseline: declare(REQUIRED),
    trace: call("tok=T"),
    tokens: { T: { text: access({ sub: "u-17", scope: "orders:write", amr: ["pwd"], auth_time: DRAWN_S }) } },
    raises: ["subject-kind-mismatch"],
  },
];

/** How tokens, certificates and connections belong together. */
export const BINDING_CASES: readonly JudgementCase[] = [
  ...DPOP,
  ...SHARED,
  ...CERTIFICATES,
  ...BOUND_TO_CERTIFICATES,
  ...URLS,
  ...CLAIMS.map(withToken),
  ...SCOPES,
  ...SUBJECTS,
];
