import { type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const CORP = "https://idp.example";
const PARTNER = "https://partner.example";
const TIMES = { iat: DRAWN_S - 60, exp: DRAWN_S + 600 };

/** A token of the corporate issuer for orders, right in every way unless said otherwise. */
function corp(claims: CaseToken["claims"] = {}, header: CaseToken["header"] = {}): CaseToken {
  const right = { iss: CORP, aud: "orders-api", client_id: "web", sub: "web", ...TIMES };
  return { header: { typ: "at+jwt", ...header }, claims: { ...right, ...claims } };
}

type Estate = {
  /** Keys of the issuer, of the call from web to orders, and of orders. */
  readonly issuer?: string;
  readonly call?: string;
  readonly orders?: string;
  /** Keys of the file. */
  readonly rest?: string;
};

const ACCEPTS = "accepts: [{ issuer: corp, audiences: [orders-api] }]";

function estate({ issuer = "", call: declared = "", orders = ACCEPTS, rest = "" }: Estate = {}): string {
  return `
issuers:
  corp: { iss: "${CORP}", internal: true, ${issuer} }
  partner: { iss: "${PARTNER}" }
services:
  web: { calls: { orders: { ${declared} } } }
  orders: { ${orders} }
${rest}`;
}

const called = (operation: string, status: number): string => {
  const [method = "", route = ""] = operation.split(" ");
  return `http.request.method=${method}, http.route=${route}, http.response.status_code=${status}`;
};
const POST = "POST /orders";

/** One call from web to orders, which shows these attributes. */
function call(attributes: string, operation = POST, status = 200): string {
  return `web C#1<9 {peer=orders}; orders S#2<1 {${called(operation, status)}, ${attributes}}`;
}

/** A call with one token. */
function shown(name: string, declared: Estate, token: CaseToken, raises: JudgementCase["raises"]): JudgementCase {
  return { name, baseline: estate(declared), trace: call("tok=T"), tokens: { T: token }, raises };
}

/** The same, asked for what is public, or refused. */
function answered(one: JudgementCase, operation: string, status: number): JudgementCase {
  const how = status === 200 ? "where tokens are ignored" : `answered with ${status}`;
  return {
    ...one,
    name: `${one.name}, ${how}`,
    trace: call("tok=T", operation, status),
    raises: status === 500 ? one.raises : [],
  };
}

const PUBLIC = 'public: ["GET /prices"]';
const GUIDS = "audienceAliases: { orders-api: [guid-of-orders], stock-api: [guid-of-stock] }";

const FOR_STOCK = shown(
  "a token for an audience that the call does not declare",
  { call: "token: { audiences: [orders-api] }", orders: PUBLIC },
  corp({ aud: "stock-api" }),
  ["undeclared-audience"],
);
const FOR_NOBODY = shown("a token without an audience", { orders: `${ACCEPTS}, ${PUBLIC}` }, corp({ aud: undefined }), [
  "audience-missing",
]);
const MISTAKEN = shown("a token for stock", { orders: `${ACCEPTS}, ${PUBLIC}` }, corp({ aud: "stock-api" }), [
  "audience-mismatch-accepted",
]);

/** Whom tokens are for. */
const AUDIENCES: readonly JudgementCase[] = [
  FOR_STOCK,
  answered(FOR_STOCK, "GET /prices", 200),
  shown(
    "a token for the audience that the call declares",
    { call: "token: { audiences: [orders-api] }", orders: "" },
    corp(),
    [],
  ),
  shown(
    "a token for the declared audience and another one",
    { call: "token: { audiences: [orders-api] }", orders: "" },
    corp({ aud: ["orders-api", "stock-api"] }),
    ["undeclared-audience"],
  ),
  shown(
    "a token for the declared audience and its issuer's user-info endpoint",
    { call: "token: { audiences: [orders-api] }", orders: "" },
    corp({ aud: ["orders-api", `${CORP}/userinfo`] }),
    [],
  ),
  {
    name: "a token of which nobody knows the audience, on a call that declares one",
    baseline: estate({ call: "token: { audiences: [orders-api] }", orders: "" }),
    trace: call("fp=t"),
    raises: [],
  },
  MISTAKEN,
  answered(MISTAKEN, "GET /prices", 200),
  answered(MISTAKEN, POST, 403),
  answered(MISTAKEN, POST, 500),
  FOR_NOBODY,
  answered(FOR_NOBODY, "GET /prices", 200),
  answered(FOR_NOBODY, POST, 401),
  shown("a token without an audience where nothing is declared", { orders: "" }, corp({ aud: undefined }), []),
  shown("a token at a service that takes none", { orders: "accepts: []" }, corp(), ["audience-mismatch-accepted"]),
  shown(
    "a token without an audience at a service that takes none",
    { orders: "accepts: []" },
    corp({ aud: undefined }),
    ["audience-mismatch-accepted"],
  ),
  shown(
    "an opaque token at a service that takes none",
    { orders: "accepts: []" },
    { text: "mF_9.B5f-4.1JqM9mF_9B5f41JqM" },
    ["audience-mismatch-accepted"],
  ),
  {
    name: "a masked token at a service that takes none",
    baseline: estate({ orders: "accepts: []" }),
    trace: call("hdr.authorization=[REDACTED]"),
    raises: [],
  },
  shown("a token that does not say who issued it", {}, corp({ iss: undefined }), []),
  shown("a token for the user-info endpoint alone", {}, corp({ aud: `${CORP}/userinfo` }), [
    "audience-mismatch-accepted",
  ]),
  shown("a token of a known issuer that orders does not take, for orders", {}, corp({ iss: PARTNER }), [
    "audience-mismatch-accepted",
    "unknown-issuer",
  ]),
  shown(
    "a partner's token for an audience that orders takes from its own issuer only",
    { orders: "accepts: [{ issuer: corp, audiences: [orders-api] }, { issuer: partner, audiences: [partner-api] }]" },
    corp({ iss: PARTNER }),
    ["audience-mismatch-accepted"],
  ),
  shown(
    "a partner's token for the audience that orders takes from it",
    { orders: "accepts: [{ issuer: corp, audiences: [orders-api] }, { issuer: partner, audiences: [partner-api] }]" },
    corp({ iss: PARTNER, aud: "partner-api" }),
    [],
  ),
  shown(
    "a token of an issuer that is named by its URL only, for another one's audience",
    {
      orders:
        'accepts: [{ issuer: corp, audiences: [orders-api] }, { issuer: "https://raw.example", audiences: [raw-api] }]',
    },
    corp({ iss: "https://raw.example" }),
    ["audience-mismatch-accepted"],
  ),
  shown(
    "an audience by its name where it is declared by its GUID",
    { issuer: GUIDS, orders: "accepts: [{ issuer: corp, audiences: [guid-of-orders] }]" },
    corp(),
    [],
  ),
  shown(
    "an audience by its name where another one's GUID is declared",
    { issuer: GUIDS, orders: "accepts: [{ issuer: corp, audiences: [guid-of-stock] }]" },
    corp(),
    ["audience-mismatch-accepted"],
  ),
  shown(
    "a token with an audience, of an issuer that gives most of its tokens none",
    { issuer: "audienceClaim: client_id" },
    corp(),
    [],
  ),
  shown(
    "a token without an audience and without a client, of an issuer that gives no audiences",
    { issuer: "audienceClaim: client_id" },
    corp({ aud: undefined, client_id: undefined, sub: undefined }),
    [],
  ),
  shown(
    "a token without an audience, of an issuer that gives none by design",
    { issuer: "audienceClaim: none" },
    corp({ aud: undefined }),
    [],
  ),
  shown(
    "a workload's token without an audience",
    {},
    corp({ aud: undefined, sub: "spiffe://corp.example/web", client_id: undefined }, { typ: "JWT" }),
    ["audience-missing"],
  ),
  {
    name: "a workload identity token without an audience, as the drafts have it, beside a token",
    baseline: estate(),
    trace: call("tok=T, tok.workload-identity-token=W"),
    tokens: {
      T: corp(),
      W: corp({ aud: undefined, sub: "spiffe://corp.example/web", client_id: undefined }, { typ: "JWT" }),
    },
    raises: [],
  },
  shown(
    "a workload identity token without an audience for a bearer token",
    {},
    corp({ aud: undefined, sub: "spiffe://corp.example/web", client_id: undefined }, { typ: "wit+jwt" }),
    ["token-type-confusion"],
  ),
  shown(
    "a token without an audience of a known issuer that orders does not take",
    {},
    corp({ iss: PARTNER, aud: undefined }),
    ["audience-missing", "unknown-issuer"],
  ),
  shown(
    "a token without an audience and without the scope that is required",
    { orders: "accepts: [{ issuer: corp, audiences: [orders-api], scopes: { required: [orders.write] } }]" },
    corp({ aud: undefined, scope: "orders.read" }),
    ["audience-missing", "scope-missing"],
  ),
  shown("an ID token without an audience", {}, corp({ aud: undefined }, { typ: "id_token+jwt" }), [
    "token-type-confusion",
  ]),
];

const inEnvironment = (environment: string): string =>
  call("tok=T")
    .split("; ")
    .map((span) => `${span} [deployment.environment.name=${environment}]`)
    .join("; ");

/** Tokens that are good for many. */
const BREADTH: readonly JudgementCase[] = [
  shown("a token for three services", {}, corp({ aud: ["orders-api", "b", "c"] }), []),
  shown(
    "a token for two services, of an issuer that is to name one",
    { issuer: "maxAudiences: 1" },
    corp({ aud: ["orders-api", "b"] }),
    ["audience-too-broad"],
  ),
  shown(
    "a token for five services, of an issuer that may name ten",
    { issuer: "maxAudiences: 10" },
    corp({ aud: ["orders-api", "b", "c", "d", "e"] }),
    [],
  ),
  shown(
    "a workload's token for two services",
    {},
    corp({ aud: ["orders-api", "b"], sub: "spiffe://corp.example/web", client_id: undefined }, { typ: "JWT" }),
    ["audience-too-broad"],
  ),
  shown(
    "a token for five services where nothing is declared",
    { orders: "" },
    corp({ aud: ["a", "b", "c", "d", "e"] }),
    [],
  ),
  shown(
    "a token for five services on a call that says how it authenticates",
    { orders: "", call: "auth: [jwt]" },
    corp({ aud: ["a", "b", "c", "d", "e"] }),
    ["audience-too-broad"],
  ),
  shown(
    "a token for an account, at a service that declares to take it",
    { orders: "accepts: [{ issuer: corp, audiences: [account, orders-api] }]" },
    corp({ aud: ["account", "orders-api", "b"] }),
    [],
  ),
  shown(
    "a token for an account and four others, at a service that declares to take it",
    { orders: "accepts: [{ issuer: corp, audiences: [account, orders-api] }]" },
    corp({ aud: ["account", "orders-api", "b", "c", "d"] }),
    ["audience-too-broad"],
  ),
  shown(
    "a token for a declared environment",
    { rest: "environments: { prod: { production: true } }" },
    corp({ aud: ["orders-api", "prod"] }),
    ["audience-too-broad"],
  ),
  {
    name: "a token for the environment that its recipient runs in",
    baseline: estate(),
    trace: inEnvironment("blue"),
    tokens: { T: corp({ aud: ["orders-api", "blue"] }) },
    raises: ["audience-too-broad"],
  },
  shown(
    "a token for something that is called default, where no environment is",
    {},
    corp({ aud: ["orders-api", "default"] }),
    [],
  ),
  shown("a token for a trust domain", {}, corp({ aud: ["orders-api", "spiffe://corp.example"] }), [
    "audience-too-broad",
  ]),
  shown(
    "a token for the name of its recipient's trust domain",
    { orders: `${ACCEPTS}, identity: { spiffe: ["spiffe://corp.example/orders"] }` },
    corp({ aud: ["orders-api", "corp.example"] }),
    ["audience-too-broad"],
  ),
  shown(
    "a token for the name of another trust domain than its recipient's",
    { orders: `${ACCEPTS}, identity: { spiffe: ["spiffe://corp.example/orders"] }` },
    corp({ aud: ["orders-api", "other.example"] }),
    [],
  ),
  {
    name: "a transaction token beside an access token, for five trust domains",
    baseline: estate(),
    trace: call("tok=T, tok.txn-token=X"),
    tokens: {
      T: corp(),
      X: corp({ aud: ["a", "b", "c", "d", "e"], txn: "1", exp: DRAWN_S + 120 }, { typ: "txntoken+jwt" }),
    },
    raises: [],
  },
];

const KUBERNETES = "https://kubernetes.default.svc";
const platform = (name: string, declared: Estate, raises: JudgementCase["raises"]): JudgementCase =>
  shown(name, declared, corp({ aud: KUBERNETES }), raises);
const outward = (name: string, rest: string, raises: JudgementCase["raises"]): JudgementCase => ({
  name,
  baseline: estate({ rest }).replace("calls: {", "calls: { away: {},"),
  trace: "web C#1<9 {server.address=api.away.example, http.response.status_code=200, tok=T}",
  tokens: { T: corp() },
  raises,
});

/** Tokens that are shown where they were not made for. */
const ELSEWHERE: readonly JudgementCase[] = [
  platform(
    "a cluster's token, on a call that declares it",
    { orders: "", call: `token: { audiences: ["${KUBERNETES}"] }` },
    [],
  ),
  platform(
    "a cluster's token, at a service that declares to take it",
    { orders: `accepts: [{ issuer: corp, audiences: ["${KUBERNETES}"] }]` },
    [],
  ),
  platform(
    "a cluster's token, on a call that declares another one",
    { orders: "", call: "token: { audiences: [orders-api] }" },
    ["platform-token-off-platform", "undeclared-audience"],
  ),
  {
    name: "a cluster's token, shown to the cluster's API",
    baseline: estate({ rest: "externals: { cluster: { hosts: [kubernetes.default.svc] } }" })
      .replace("calls: {", "calls: { cluster: {},")
      .replace("internal: true,", ""),
    trace: "web C#1<9 {server.address=kubernetes.default.svc, http.response.status_code=200, tok=T}",
    tokens: { T: corp({ aud: KUBERNETES }) },
    raises: [],
  },
  {
    name: "a cluster's token, shown to its API at a host of our own",
    baseline: estate({ rest: "externals: { kubernetes: { hosts: [api.cluster.example] } }" })
      .replace("calls: {", "calls: { kubernetes: {},")
      .replace("internal: true,", ""),
    trace: "web C#1<9 {server.address=api.cluster.example, http.response.status_code=200, tok=T}",
    tokens: { T: corp({ aud: KUBERNETES }) },
    raises: [],
  },
  {
    name: "a cluster's token between two services that nobody declares",
    baseline: estate(),
    trace: call("tok=T").replaceAll("web", "shadow").replaceAll("orders", "dusk"),
    tokens: { T: corp({ aud: KUBERNETES }) },
    raises: ["unknown-service"],
  },
  outward(
    "an internal token sent to a partner that may have it",
    "externals: { away: { hosts: [api.away.example], tokenIssuers: [corp] } }",
    [],
  ),
  outward(
    "an internal token sent to a partner that may have another issuer's",
    "externals: { away: { hosts: [api.away.example], tokenIssuers: [partner] } }",
    ["internal-token-to-external-host"],
  ),
  {
    ...outward("an internal token sent to its issuer's own host", "externals: { away: { hosts: [idp.example] } }", []),
    trace: "web C#1<9 {server.address=idp.example, http.response.status_code=200, tok=T}",
  },
  {
    ...outward(
      "an internal token sent to a host that nobody declares",
      "externals: { away: { hosts: [idp.example] } }",
      ["internal-token-to-external-host", "undeclared-egress"],
    ),
  },
];

const scoped = (scopes: string): Estate => ({
  orders: `accepts: [{ issuer: corp, audiences: [orders-api], scopes: { ${scopes} } }], ${PUBLIC}`,
});
const WITHOUT_WRITE = shown(
  "a token without the scope that is required",
  scoped("required: [orders.write]"),
  corp({ scope: "orders.read" }),
  ["scope-missing"],
);
const subjects = `accepts: [{ issuer: corp, audiences: [orders-api], subjects: [service] }], ${PUBLIC}`;
const PERSON = shown(
  "a person's token where workloads' are taken",
  { orders: subjects },
  corp({ sub: "ann", client_id: "app", auth_time: DRAWN_S - 60 }),
  ["subject-kind-mismatch"],
);
const UNKNOWN_ISSUER = shown(
  "a token of an issuer that nobody knows",
  { orders: `${ACCEPTS}, ${PUBLIC}` },
  corp({ iss: "https://evil.example" }),
  ["unknown-issuer"],
);
const WIDE = shown(
  "a token with a scope that the call does not declare",
  { call: `token: { scopes: ["orders.*"] }`, orders: PUBLIC },
  corp({ scope: "orders.read admin" }),
  ["undeclared-scope"],
);

/** From whom tokens are, whose they are, and what they allow. */
const CONTENTS: readonly JudgementCase[] = [
  WITHOUT_WRITE,
  answered(WITHOUT_WRITE, "GET /prices", 200),
  answered(WITHOUT_WRITE, POST, 403),
  {
    name: "a token of which nobody knows the scopes, where one is required",
    baseline: estate(scoped("required: [orders.write]")),
    trace: call("fp=t, aud=orders-api"),
    raises: [],
  },
  PERSON,
  answered(PERSON, "GET /prices", 200),
  answered(PERSON, POST, 403),
  shown(
    "a token of which nobody can tell whose it is",
    { orders: subjects },
    corp({ sub: undefined, client_id: undefined }),
    [],
  ),
  UNKNOWN_ISSUER,
  answered(UNKNOWN_ISSUER, "GET /prices", 200),
  WIDE,
  answered(WIDE, "GET /prices", 200),
  shown(
    "a token with scopes that the call declares",
    { call: `token: { scopes: ["orders.*"] }`, orders: "" },
    corp({ scope: "orders.read openid" }),
    [],
  ),
  shown(
    "a token with a scope that is required, and not named again as allowed",
    scoped("required: [orders.write], allowed: [orders.read]"),
    corp({ scope: "orders.write orders.read" }),
    [],
  ),
  shown(
    "a token with a scope beside the required ones, where nothing is said of others",
    scoped("required: [orders.write]"),
    corp({ scope: "orders.write b" }),
    [],
  ),
  {
    name: "a partner's transaction token beside an access token",
    baseline: estate(),
    trace: call("tok=T, tok.txn-token=X"),
    tokens: {
      T: corp(),
      X: corp({ iss: PARTNER, aud: "shop.example", txn: "1", exp: DRAWN_S + 120 }, { typ: "txntoken+jwt" }),
    },
    raises: [],
  },
  {
    name: "a stranger's transaction token beside an access token",
    baseline: estate(),
    trace: call("tok=T, tok.txn-token=X"),
    tokens: {
      T: corp(),
      X: corp(
        { iss: "https://evil.example", aud: "shop.example", txn: "1", exp: DRAWN_S + 120 },
        { typ: "txntoken+jwt" },
      ),
    },
    raises: ["unknown-issuer"],
  },
  {
    name: "a workload identity token of the estate's other issuer beside an access token",
    baseline: estate(),
    trace: call("tok=T, tok.workload-identity-token=W"),
    tokens: {
      T: corp(),
      W: corp(
        { iss: PARTNER, aud: undefined, sub: "spiffe://corp.example/web", client_id: undefined },
        { typ: "wit+jwt" },
      ),
    },
    raises: [],
  },
];

/** What tokens say, and to whom. */
export const TOKEN_CASES: readonly JudgementCase[] = [...AUDIENCES, ...BREADTH, ...ELSEWHERE, ...CONTENTS];
