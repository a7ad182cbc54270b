import { declare, machine, PASS, transaction, user } from "../corp.ts";
import { drawPath } from "../draw-path.ts";
import { DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const REFUNDS = "identities: { refunds: { issuer: corp, client: refunds, usedBy: [web] } }";
const CALLING_PAY = "  orders: { calls: { pay: {} } }\n  pay: {}";
const TWO_CALLING_PAY = "  orders: { calls: { pay: {} } }\n  stock: { calls: { pay: {} } }\n  pay: {}";
const HUMAN = "identities: { spa: { issuer: corp, client: spa, human: true } }";
const KEY = { text: "k3y-0123456789abcdef0123456789abcdef" };
const OWN_KEY = { header: "x-api-key" };

/** A request that orders signed with a key of AWS. */
const SIGNED =
  "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

/** Whose a credential is, and who presents it. */
const CLIENTS: readonly JudgementCase[] = [
  {
    name: "an exchanger presents the token that it made for another service's client",
    baseline: declare("  orders: { traits: [exchanger], calls: { pay: {} } }\n  pay: {}", REFUNDS),
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: machine("refunds") },
    raises: [],
  },
  {
    name: "a gateway passes on another service's token, which nobody saw it receive",
    baseline: declare("  orders: { traits: [gateway], calls: { pay: {} } }\n  pay: {}", REFUNDS),
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: machine("refunds") },
    raises: [],
  },
  {
    name: "a service that received a token of that client passes on another one of it",
    baseline: declare(`  orders: { calls: { pay: { token: { mode: own } } } }\n  pay: {}`, REFUNDS),
    trace: `${drawPath("*web > orders(T)")}; ${drawPath("*orders > pay(U)", { trace: 2, atS: 9 })}`,
    tokens: { T: machine("refunds", { aud: "orders", jti: "1" }), U: machine("refunds", { jti: "2" }) },
    raises: [],
  },
  {
    name: "a token of another service's client that names the presenter as its actor",
    baseline: declare(
      CALLING_PAY,
      "identities: { refunds: { issuer: corp, client: refunds, usedBy: [web] }, own: { client: orders, usedBy: [orders] } }",
    ),
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: machine("refunds", { act: { sub: "orders" } }) },
    raises: [],
  },
  {
    name: "a transaction token of another service's client",
    baseline: declare(CALLING_PAY, REFUNDS),
    trace: drawPath("*orders > pay(T)", { header: "txn-token" }),
    tokens: { T: transaction({ iss: "https://idp.example", client_id: "refunds" }) },
    raises: [],
  },
  {
    name: "a request that is signed with another service's key",
    baseline: declare(CALLING_PAY, "identities: { backup: { key: AKIAIOSFODNN7EXAMPLE, usedBy: [web] } }"),
    trace: drawPath("*orders > pay", { called: "tok.authorization=S" }),
    tokens: { S: { text: SIGNED } },
    raises: ["client-presenter-mismatch"],
  },
  {
    name: "a request that is signed with the service's own key",
    baseline: declare(CALLING_PAY, "identities: { backup: { key: AKIAIOSFODNN7EXAMPLE, usedBy: [orders] } }"),
    trace: drawPath("*orders > pay", { called: "tok.authorization=S" }),
    tokens: { S: { text: SIGNED } },
    raises: [],
  },
  {
    name: "a client whose tokens so many services receive that nobody can tell who may hold one",
    baseline: declare(
      `${CALLING_PAY}\n${Array.from({ length: 64 }, (_, index) => `  r${index}: {}`).join("\n")}`,
      `settings: { undeclared: propose }\n${REFUNDS}`,
    ),
    trace: Array.from({ length: 64 }, (_, index) =>
      drawPath(`*web > r${index}(T)`, { trace: 100 + index, header: `x-${index}` }).replace(`tok.x-${index}`, "tok"),
    ).join("; "),
    later: [{ afterS: 60, trace: drawPath("*orders > pay(U)", { trace: 2, atS: 60 }) }],
    tokens: { T: machine("refunds", { aud: "all" }), U: machine("refunds", { jti: "2" }) },
    raises: [],
  },
];

const ORDERS_SPIFFE = '  orders: { identity: { spiffe: ["spiffe://shop/orders"] }, calls: { pay: {} } }';
const OF_ORDERS = { sub: "spiffe://shop/orders", client_id: undefined };

/** What workloads say they are. */
const WORKLOADS: readonly JudgementCase[] = [
  {
    name: "a gateway passes on a workload's token, which nobody saw it receive",
    baseline: declare(`${ORDERS_SPIFFE}\n  stock: { traits: [gateway], calls: { pay: {} } }\n  pay: {}`),
    trace: drawPath("*stock > pay(T)"),
    tokens: { T: machine("x", OF_ORDERS) },
    raises: [],
  },
  {
    name: "a transaction token whose subject is the workload that began it",
    baseline: declare(`${ORDERS_SPIFFE}\n  stock: { calls: { pay: {} } }\n  pay: {}`),
    trace: drawPath("*stock > pay(T)", { header: "txn-token" }),
    tokens: { T: transaction({ sub: "spiffe://shop/orders" }) },
    raises: [],
  },
  {
    name: "a workload's token that comes in from outside",
    baseline: declare(`${ORDERS_SPIFFE}\n  pay: { ingress: [{ from: internet }] }`),
    trace: drawPath("pay(T)"),
    tokens: { T: machine("x", OF_ORDERS) },
    raises: [],
  },
  {
    name: "a client's token whose subject is no workload's name",
    baseline: declare(`${ORDERS_SPIFFE}\n  stock: { calls: { pay: {} } }\n  pay: {}`),
    trace: drawPath("*stock > pay(T)"),
    tokens: { T: machine("x", { sub: "orders" }) },
    raises: [],
  },
];

const OF_TOOLS = { resource: "telemetry.sdk.language=python", trace: 2, atS: 60 };

/** One bearer token in several hands. */
const STRANGERS: readonly JudgementCase[] = [
  {
    name: "a person's token that two services hold",
    baseline: declare(TWO_CALLING_PAY, HUMAN),
    trace: `${drawPath("orders > pay(T)")}; ${drawPath("stock > pay(T)", { trace: 2, atS: 60 })}`,
    tokens: { T: user({ aud: "pay" }) },
    raises: [],
  },
  {
    name: "a stranger presents a token before its owner does",
    baseline: declare(
      TWO_CALLING_PAY,
      "identities: { orders-client: { issuer: corp, client: orders, usedBy: [orders] } }",
    ),
    trace: `${drawPath("*stock > pay(T)")}; ${drawPath("*orders > pay(T)", { trace: 2, atS: 60 })}`,
    tokens: { T: machine("orders") },
    raises: ["client-presenter-mismatch", "token-multi-presenter"],
  },
  {
    name: "a token is checked at the identity provider, by which it is shown to another service",
    baseline: declare(
      "  orders: { calls: { pay: {} } }\n  idp: { traits: [control-plane], calls: { pay: {} } }\n  pay: {}",
    ),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*idp > pay(T)", { trace: 2, atS: 60 })}`,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "two services that nobody declares hold one token",
    baseline: declare("  orders: {}"),
    trace: `${drawPath("*m > n(T)")}; ${drawPath("*o > n(T)", OF_TOOLS)}`,
    tokens: { T: machine("m") },
    raises: ["unknown-service"],
  },
  {
    name: "a relayed token whose callee's clock is behind",
    baseline: declare(`  orders: { calls: { stock: { token: { ${PASS}, maxHops: 2 } } } }\n  stock: {}`),
    trace: [
      "web C#2<1 {http.request.method=GET, peer=orders} +60",
      "orders S#3<2 {http.request.method=GET, http.route=/, http.response.status_code=200, tok=T} +60",
      "orders C#4<3 {http.request.method=GET, peer=stock} +60",
      "stock S#5<4 {http.request.method=GET, http.route=/, http.response.status_code=200, tok=T} +1",
    ].join("; "),
    tokens: { T: machine("web", { aud: "orders" }) },
    raises: [],
  },
];

const KEY_AK1 = { ...OWN_KEY, called: "trustdrift.credential.api_key.id=AK1" };
const BOTH_WITH_KEY = `${drawPath("*orders > pay(K)", KEY_AK1)}; ${drawPath("*stock > pay(K)", { ...KEY_AK1, trace: 2 })}`;

/** Static secrets and machine identities that several services present. */
const SHARED: readonly JudgementCase[] = [
  {
    name: "a key that a declared identity gives to both",
    baseline: declare(
      TWO_CALLING_PAY,
      "identities: { backup: { key: AKIAIOSFODNN7EXAMPLE, usedBy: [orders, stock] } }",
    ),
    trace: `${drawPath("*orders > pay", { called: "tok.authorization=S" })}; ${drawPath("*stock > pay", { called: "tok.authorization=S", trace: 2 })}`,
    tokens: { S: { text: SIGNED } },
    raises: [],
  },
  {
    name: "an API key that a declared identity gives to both",
    baseline: declare(TWO_CALLING_PAY, "identities: { backup: { key: AK1, usedBy: [orders, stock] } }"),
    trace: BOTH_WITH_KEY,
    tokens: { K: KEY },
    raises: [],
  },
  {
    name: "an API key that a declared identity gives to people",
    baseline: declare(TWO_CALLING_PAY, "identities: { backup: { key: AK1, human: true } }"),
    trace: BOTH_WITH_KEY,
    tokens: { K: KEY },
    raises: [],
  },
  {
    name: "a key that a gateway presents as well",
    baseline: declare("  orders: { calls: { pay: {} } }\n  edge: { traits: [gateway], calls: { pay: {} } }\n  pay: {}"),
    trace: `${drawPath("*orders > pay(K)", OWN_KEY)}; ${drawPath("*edge > pay(K)", { ...OWN_KEY, trace: 2 })}`,
    tokens: { K: KEY },
    raises: [],
  },
  {
    name: "a key that one service presents twice",
    baseline: declare("  orders: { calls: { pay: {}, bin: {} } }\n  pay: {}\n  bin: {}"),
    trace: `${drawPath("*orders > pay(K)", OWN_KEY)}; ${drawPath("*orders > bin(K)", { ...OWN_KEY, trace: 2 })}`,
    tokens: { K: KEY },
    raises: [],
  },
  {
    name: "a key that was relayed",
    baseline: declare("  orders: { calls: { stock: {} } }\n  stock: {}"),
    trace: drawPath("*web > orders(K) > stock(K)", OWN_KEY),
    tokens: { K: KEY },
    raises: [],
  },
  {
    name: "a key that strangers share",
    baseline: declare("  orders: {}"),
    trace: `${drawPath("*m > n(K)", OWN_KEY)}; ${drawPath("*o > n(K)", { ...OWN_KEY, trace: 2 })}`,
    tokens: { K: KEY },
    raises: ["unknown-service"],
  },
  {
    name: "a client that strangers share",
    baseline: declare("  orders: {}"),
    trace: `${drawPath("*m > n(T)")}; ${drawPath("*o > n(U)", { trace: 2 })}`,
    tokens: { T: machine("jobs"), U: machine("jobs", { jti: "2" }) },
    raises: ["unknown-service"],
  },
  {
    name: "a person's client in two services' hands",
    baseline: declare(TWO_CALLING_PAY),
    trace: `${drawPath("orders > pay(T)")}; ${drawPath("stock > pay(U)", { trace: 2 })}`,
    tokens: { T: user({ aud: "pay", jti: "1" }), U: user({ aud: "pay", jti: "2", sub: "bob" }) },
    raises: [],
  },
  {
    name: "a client whose tokens a gateway presents as well",
    baseline: declare("  orders: { calls: { pay: {} } }\n  edge: { traits: [gateway], calls: { pay: {} } }\n  pay: {}"),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*edge > pay(U)", { trace: 2 })}`,
    tokens: { T: machine("jobs"), U: machine("jobs", { jti: "2" }) },
    raises: [],
  },
  {
    name: "a client that two share, and a third one on a call that may pass tokens on",
    baseline: declare(`${TWO_CALLING_PAY}\n  bin: { calls: { pay: { token: { ${PASS} } } } }`),
    trace: [
      drawPath("*orders > pay(T)"),
      drawPath("*stock > pay(U)", { trace: 2 }),
      drawPath("*bin > pay(V)", { trace: 3 }),
    ].join("; "),
    tokens: {
      T: machine("jobs"),
      U: machine("jobs", { jti: "2" }),
      V: machine("jobs", { jti: "3" }),
    },
    raises: ["shared-identity"],
  },
  {
    name: "a client that a service's own token and the one that it passes on are of",
    baseline: declare(
      `  orders: { calls: { pay: {} } }\n  stock: { calls: { pay: { token: { ${PASS} } } } }\n  pay: {}`,
    ),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*orders > stock(V) > pay(V)", { trace: 2 })}`,
    tokens: { T: machine("jobs"), V: machine("jobs", { jti: "3" }) },
    raises: ["undeclared-call"],
  },
];

const OPEN = "  orders: { ingress: [{ from: internet }], public: [GET /prices] }";
const PEOPLE = 'internal: { people: ["10.9.0.0/16", "fd00::/8"], probes: [GET /healthz] }';
const CURL = "user_agent.original=curl/8.5.0";

function byHand(name: string, called: string, rest: Partial<JudgementCase> = {}): JudgementCase {
  return {
    name,
    baseline: `${declare(OPEN)}\n${PEOPLE}`,
    trace: drawPath("orders(T)", { called }),
    tokens: { T: machine("jobs", { aud: "orders" }) },
    raises: [],
    ...rest,
  };
}

/** People with what workloads have, and workloads with what people have. */
const PEOPLE_AND_MACHINES: readonly JudgementCase[] = [
  byHand("a machine's token from where people sit, with no tool that people use", "client.address=10.9.1.2", {
    raises: ["human-use-of-machine-token"],
  }),
  byHand("a machine's token from where people sit, by their IPv6 addresses", `client.address=fd00::7, ${CURL}`, {
    raises: ["human-use-of-machine-token"],
  }),
  byHand("a machine's token in curl, from somewhere else", `client.address=10.1.1.2, ${CURL}`, {
    raises: ["human-use-of-machine-token"],
  }),
  byHand("a machine's token in curl, from nobody knows where", CURL, { raises: ["human-use-of-machine-token"] }),
  byHand("a machine's token from another machine", "client.address=10.1.1.2, user_agent.original=Go-http-client/1.1"),
  byHand("a machine's token in curl at an open door", `${CURL}, client.address=10.9.1.2`, {
    trace: drawPath("orders(T)", { called: `${CURL}, client.address=10.9.1.2` }).replace("/orders", "/prices"),
  }),
  byHand("a machine's token in a health check by hand", `${CURL}, client.address=10.9.1.2`, {
    trace: drawPath("orders(T)", { called: `${CURL}, client.address=10.9.1.2` }).replace("/orders", "/healthz"),
  }),
  byHand("a developer's client in curl", `${CURL}, client.address=10.9.1.2`, {
    baseline: `${declare(OPEN)}\n${PEOPLE}\nidentities: { cli: { issuer: corp, client: jobs, human: true } }`,
  }),
  byHand("a machine's token in curl at a service that nobody declares", `${CURL}, client.address=10.9.1.2`, {
    trace: drawPath("other(T)", { called: `${CURL}, client.address=10.9.1.2` }),
    raises: ["unknown-service"],
  }),
  {
    name: "a machine's token from a service that calls itself curl",
    baseline: `${declare(CALLING_PAY)}\n${PEOPLE}`,
    trace: drawPath("*orders > pay(T)", { called: `${CURL}, client.address=10.9.1.2` }),
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "strangers' jobs present a person's token to each other",
    baseline: declare("  orders: {}"),
    trace: drawPath("*m > n(T)"),
    tokens: { T: user({ aud: "n" }) },
    raises: ["unknown-service"],
  },
  {
    name: "a declared job presents a person's token to a stranger",
    baseline: declare("  orders: { calls: { n: {} } }"),
    trace: drawPath("*orders > n(T)"),
    tokens: { T: user({ aud: "n" }) },
    raises: ["stored-user-token-in-automation", "unknown-service"],
  },
  {
    name: "a stranger's job presents a person's token to a declared service",
    baseline: declare("  orders: {}"),
    trace: drawPath("*m > orders(T)"),
    tokens: { T: user() },
    raises: ["stored-user-token-in-automation", "undeclared-call", "unknown-service"],
  },
  {
    name: "a person's token without an end is handed on by a message",
    baseline: declare(`  orders: { calls: { pay: { token: { ${PASS} } } } }\n  pay: {}`),
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: user({ aud: "pay", exp: undefined, iat: DRAWN_S }) },
    raises: ["non-expiring-credential"],
  },
];

/** Whose credentials are in whose hands. */
export const OWNERSHIP_CASES: readonly JudgementCase[] = [
  ...CLIENTS,
  ...WORKLOADS,
  ...STRANGERS,
  ...SHARED,
  ...PEOPLE_AND_MACHINES,
];
