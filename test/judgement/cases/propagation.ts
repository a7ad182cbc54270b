import { declare, machine, PASS, TIMES, transaction, user } from "../corp.ts";
import { drawPath } from "../draw-path.ts";
import { type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

/** A chain in which web may relay to orders, and orders declares this of its calls. */
function chain(calls: string, rest = ""): string {
  const accepts = "accepts: [{ issuer: corp, audiences: [orders] }]";
  return declare(
    `  orders: { ${accepts}, calls: { ${calls} } }
  stock: { accepts: [{ issuer: corp, audiences: [stock, orders] }], calls: { bin: { token: { ${PASS} } } } }
  inventory: { accepts: [{ issuer: corp, audiences: [inventory] }] }
  bin: {}`,
    rest,
  );
}

const RELAYS: readonly JudgementCase[] = [
  {
    name: "hard case 2: a declared relay, and then one hop too far",
    baseline: chain("inventory: { token: { mode: own } }"),
    trace: drawPath("web(T) > orders(T) > inventory(T)"),
    tokens: { T: user() },
    raises: ["token-relayed-past-audience"],
  },
  {
    name: "hard case 2: one hop too far, refused",
    baseline: chain("inventory: { token: { mode: own } }"),
    trace: drawPath("web(T) > orders(T) > inventory(T)401"),
    tokens: { T: user() },
    raises: ["token-relayed-past-audience"],
  },
  {
    name: "a relay that is declared",
    baseline: chain(`stock: { token: { ${PASS}, maxHops: 2 } }`),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user() },
    raises: [],
  },
  {
    name: "a relay on a call that declares a token of its own",
    baseline: chain("stock: { token: { mode: own } }"),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user() },
    raises: ["token-relayed"],
  },
  {
    name: "a relay on a call that says nothing of tokens",
    baseline: chain("stock: {}"),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user() },
    raises: ["token-relayed"],
  },
  {
    name: "a service that presents its own token while it holds a person's",
    baseline: chain("stock: { token: { mode: own } }"),
    trace: drawPath("web(T) > orders(T) > stock(O)"),
    tokens: { T: user(), O: machine("orders", { aud: "stock" }) },
    raises: [],
  },
  {
    name: "a gateway that relays by its trait",
    baseline: declare("  bff: { traits: [gateway], calls: { orders: {} } }\n  orders: {}"),
    trace: drawPath("bff(T) > orders(T)"),
    tokens: { T: user() },
    raises: [],
  },
  {
    name: "a token that is forwarded once more than its call allows",
    baseline: chain(`stock: { token: { ${PASS} } }`),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user() },
    raises: ["relay-depth-exceeded"],
  },
  {
    name: "a token shown to the identity provider, to ask whose it is",
    baseline: declare("  orders: { calls: { idp: {} } }\n  idp: { traits: [control-plane] }"),
    trace: drawPath("web(T) > orders(T) > idp(T)"),
    tokens: { T: user() },
    raises: [],
  },
  {
    name: "a transaction token that is passed on as it is to be",
    baseline: declare("  orders: { calls: { stock: { token: { mode: own } } } }\n  stock: {}"),
    trace: drawPath("web(T) > orders(T) > stock(T)", { header: "txn-token" }),
    tokens: { T: transaction() },
    raises: [],
  },
];

const EXCHANGE = `stock: { token: { mode: exchange, audiences: [stock] } }`;

const EXCHANGES: readonly JudgementCase[] = [
  {
    name: "an exchange that is declared and made",
    baseline: chain(EXCHANGE),
    trace: drawPath("web(T) > orders(T) > stock(X)"),
    tokens: { T: user(), X: user({ aud: "stock", client_id: "orders", act: { sub: "orders" } }) },
    raises: [],
  },
  {
    name: "an exchange without an actor, as some issuers make it",
    baseline: chain(EXCHANGE),
    trace: drawPath("web(T) > orders(T) > stock(X)"),
    tokens: { T: user(), X: user({ aud: "stock", client_id: "orders" }) },
    raises: [],
  },
  {
    name: "an exchange that is declared and left out",
    baseline: chain(EXCHANGE),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user({ aud: ["orders", "stock"] }) },
    raises: ["exchange-expected-not-seen", "undeclared-audience"],
  },
  {
    name: "an exchanged token whose actor is another service",
    baseline: chain(EXCHANGE, "identities: { pay-client: { issuer: corp, client: pay, usedBy: [bin] } }"),
    trace: drawPath("web(T) > orders(T) > stock(X)"),
    tokens: { T: user(), X: user({ aud: "stock", client_id: "orders", act: { sub: "pay" } }) },
    raises: ["actor-chain-mismatch"],
  },
  {
    name: "another person's token than the one that came in",
    baseline: chain("stock: { token: { mode: own } }"),
    trace: drawPath("web(T) > orders(T) > stock(X)"),
    tokens: { T: user(), X: user({ aud: "stock", client_id: "orders", sub: "bob", preferred_username: "bob" }) },
    raises: ["actor-chain-mismatch"],
  },
  {
    name: "an exchange that widens what a token may do",
    baseline: chain("stock: { token: { mode: own } }"),
    trace: drawPath("web(T) > orders(T) > stock(X)"),
    tokens: { T: user({ scope: "read" }), X: user({ client_id: "orders", scope: "admin read" }) },
    raises: ["scope-escalation"],
  },
  {
    name: "an exchange that narrows what a token may do",
    baseline: chain("stock: { token: { mode: own } }"),
    trace: drawPath("web(T) > orders(T) > stock(X)"),
    tokens: { T: user({ scope: "read write" }), X: user({ client_id: "orders", scope: "read" }) },
    raises: [],
  },
  {
    name: "an exchange for another resource, with the scopes of that one",
    baseline: chain(EXCHANGE),
    trace: drawPath("web(T) > orders(T) > stock(X)"),
    tokens: { T: user({ scope: "orders:read" }), X: user({ aud: "stock", client_id: "orders", scope: "stock:read" }) },
    raises: [],
  },
];

/** Entra's on-behalf-of: another token, id and pairwise subject on every hop, one object. */
function entra(audience: string, client: string): CaseToken {
  const ids = { uti: `u-${audience}`, sub: `pairwise-${audience}`, oid: "o1", tid: "t1" };
  const claims = { iss: "https://login.example/t1", aud: audience, azp: client, scp: "user_impersonation", ...ids };
  return { header: { typ: "JWT" }, claims: { ...claims, idtyp: "user", ...TIMES } };
}

const ENTRA = declare(
  `  orders: { calls: { stock: { token: { mode: exchange, audiences: [stock] } } } }
  stock: { calls: { bin: { token: { mode: exchange, audiences: [bin] } } } }
  bin: {}`,
  `identities:
  orders-app: { issuer: entra, client: orders-app, usedBy: [orders] }
  stock-app: { issuer: entra, client: stock-app, usedBy: [stock] }
  bin-app: { issuer: entra, client: bin-app, usedBy: [bin] }
  spa: { issuer: entra, client: spa, human: true }`,
);

const OWNERS: readonly JudgementCase[] = [
  {
    name: "hard case 10: on-behalf-of, with another subject on every hop",
    baseline: ENTRA,
    trace: drawPath("web > orders(A) > stock(B) > bin(C)"),
    tokens: { A: entra("orders", "spa"), B: entra("stock", "orders-app"), C: entra("bin", "stock-app") },
    raises: [],
  },
  {
    name: "hard case 10: a token of the chain that was made for another service's client",
    baseline: ENTRA,
    trace: drawPath("web > orders(A) > stock(B) > bin(C)"),
    tokens: { A: entra("orders", "spa"), B: entra("stock", "orders-app"), C: entra("bin", "bin-app") },
    raises: ["client-presenter-mismatch"],
  },
  {
    name: "a service's secret in another one's hands",
    baseline: declare(
      "  orders: { calls: { pay: {} } }\n  pay: {}",
      "identities: { refunds: { issuer: corp, client: refunds, usedBy: [web] } }",
    ),
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: machine("refunds") },
    raises: ["client-presenter-mismatch"],
  },
  {
    name: "a client that two services share by declaration",
    baseline: declare(
      "  orders: { calls: { pay: {} } }\n  stock: { calls: { pay: {} } }\n  pay: {}",
      "identities: { jobs: { issuer: corp, client: jobs, usedBy: [orders, stock] } }",
    ),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*stock > pay(T)", { trace: 2 })}`,
    tokens: { T: machine("jobs") },
    raises: [],
  },
  {
    name: "a client that two services share without saying so",
    baseline: declare("  orders: { calls: { pay: {} } }\n  stock: { calls: { pay: {} } }\n  pay: {}"),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*stock > pay(U)", { trace: 2 })}`,
    tokens: { T: machine("jobs"), U: machine("jobs", { jti: "2" }) },
    raises: ["shared-identity"],
  },
  {
    name: "a workload's token in another one's hands",
    baseline: declare(
      '  orders: { identity: { spiffe: ["spiffe://shop/orders"] }, calls: { pay: {} } }\n  stock: { calls: { pay: {} } }\n  pay: {}',
    ),
    trace: drawPath("*stock > pay(T)"),
    tokens: { T: machine("x", { sub: "spiffe://shop/orders", client_id: undefined }) },
    raises: ["workload-subject-mismatch"],
  },
  {
    name: "a workload with its own token",
    baseline: declare('  orders: { identity: { spiffe: ["spiffe://shop/orders"] }, calls: { pay: {} } }\n  pay: {}'),
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: machine("x", { sub: "spiffe://shop/orders", client_id: undefined }) },
    raises: [],
  },
];

const PAYERS = declare("  orders: { calls: { pay: {} } }\n  stock: { calls: { pay: {} } }\n  pay: {}");
const REDACTED = { called: "hdr.authorization=***" };

const MESSAGES = declare(`  orders: { calls: { mailer: { token: { ${PASS} } } } }
  mailer: { calls: { pay: { token: { ${PASS}, maxHops: 2 } } } }
  pay: {}`);

const HOLDERS: readonly JudgementCase[] = [
  {
    name: "hard case 1: replicas, retries and a cached token",
    baseline: PAYERS,
    trace: [
      drawPath("*orders > pay(T)", { resource: "service.instance.id=a, host.name=n1" }),
      drawPath("*orders > pay(T)503", { trace: 2, resource: "service.instance.id=b, host.name=n2" }),
      drawPath("*orders > pay(T)", { trace: 3, atS: 1, calling: "http.request.resend_count=1" }),
      drawPath("*orders > pay(T)", { trace: 4, atS: 1700, resource: "service.instance.id=c" }),
    ].join("; "),
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "hard case 6: a fleet whose credentials are masked",
    baseline: PAYERS,
    trace: `${drawPath("*orders > pay", REDACTED)}; ${drawPath("*stock > pay", { ...REDACTED, trace: 2 })}`,
    raises: [],
  },
  {
    name: "a stolen token, from another namespace and another runtime",
    baseline: `${PAYERS}\n  tools/miner: { calls: { pay: {} } }`,
    trace: [
      drawPath("*orders > pay(T)", { resource: "telemetry.sdk.language=java" }),
      drawPath("*tools/miner > pay(T)", { trace: 2, atS: 60, resource: "telemetry.sdk.language=python" }),
    ].join("; "),
    tokens: { T: machine("orders", { sub: "a", client_id: "orders" }) },
    raises: ["token-multi-presenter"],
  },
  {
    name: "a token handed over by a message, presented in time where that is declared",
    baseline: MESSAGES,
    trace: handOver(60),
    tokens: { T: user() },
    raises: [],
  },
  {
    name: "hard case 9: a token handed over by a message, and used hours after its expiry",
    baseline: MESSAGES,
    trace: handOver(21_600),
    tokens: { T: user() },
    raises: ["expired-token-accepted", "stored-user-token-in-automation"],
  },
  {
    name: "a job that presents a person's token",
    baseline: PAYERS,
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: user({ aud: "pay" }) },
    raises: ["stored-user-token-in-automation"],
  },
  {
    name: "a key that two services present",
    baseline: PAYERS,
    trace: [
      drawPath("*orders > pay(K)", { header: "x-api-key" }),
      drawPath("*stock > pay(K)", { trace: 2, header: "x-api-key" }),
    ].join("; "),
    tokens: { K: { text: "k3y-0123456789abcdef0123456789abcdef" } },
    raises: ["shared-static-secret"],
  },
  {
    name: "a key of each service's own",
    baseline: PAYERS,
    trace: [
      drawPath("*orders > pay(K)", { header: "x-api-key" }),
      drawPath("*stock > pay(L)", { trace: 2, header: "x-api-key" }),
    ].join("; "),
    tokens: {
      K: { text: "k3y-0123456789abcdef0123456789abcdef" },
      L: { text: "k3y-fedcba9876543210fedcba9876543210" },
    },
    raises: [],
  },
  {
    name: "a key where the call is declared to show a token",
    baseline: declare("  orders: { calls: { pay: { auth: [jwt] } } }\n  pay: {}"),
    trace: drawPath("*orders > pay(K)", { header: "x-api-key" }),
    tokens: { K: { text: "k3y-0123456789abcdef0123456789abcdef" } },
    raises: ["auth-method-drift", "static-credential-on-service-hop"],
  },
  {
    name: "one token of its own for two services, where one of them was to have it",
    baseline:
      declare(`  orders: { calls: { pay: { token: { mode: own, maxRecipients: 1 } }, bin: { token: { mode: own } } } }
  pay: {}
  bin: {}`),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`,
    tokens: { T: machine("orders") },
    raises: ["token-fan-out"],
  },
  {
    name: "one token for two services that both declare to accept it",
    baseline: declare(`  orders: { calls: { pay: { token: { mode: own } }, bin: { token: { mode: own } } } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }
  bin: { accepts: [{ issuer: corp, audiences: [pay] }] }`),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`,
    tokens: { T: machine("orders") },
    raises: [],
  },
];

/** orders publishes with a person's token, mailer takes the message later, in a trace of its own, and calls pay. */
function handOver(afterS: number): string {
  const message = "messaging.system=kafka, messaging.destination.name=paid";
  const later = `+${afterS}`;
  return [
    "orders S#1 {http.request.method=POST, http.route=/orders, http.response.status_code=200, tok=T}",
    `orders P#2<1 {${message}, messaging.operation.type=publish}`,
    `mailer K#3@2 ~2@1 {${message}, messaging.operation.type=process, tok=T} ${later}`,
    `mailer C#4<3@2 {http.request.method=GET, peer=pay} ${later}`,
    `pay S#5<4@2 {http.request.method=GET, http.route=/pay, http.response.status_code=200, tok=T} ${later}`,
  ].join("; ");
}

const ENVIRONMENTS = "environments: { prod: { production: true }, staging: {} }";
const inProd = { resource: "deployment.environment.name=prod" };
const inStaging = { trace: 2, resource: "deployment.environment.name=staging" };

const PLACES: readonly JudgementCase[] = [
  {
    name: "runner-up 17: staging shares production's identity provider, and a token",
    baseline: `${PAYERS}\n${ENVIRONMENTS}`,
    trace: `${drawPath("*orders > pay(T)", inProd)}; ${drawPath("*orders > pay(T)", inStaging)}`,
    tokens: { T: machine("orders") },
    raises: ["token-cross-environment"],
  },
  {
    name: "one issuer for both environments, and a token for each",
    baseline: `${PAYERS}\n${ENVIRONMENTS}`,
    trace: `${drawPath("*orders > pay(T)", inProd)}; ${drawPath("*orders > pay(U)", inStaging)}`,
    tokens: { T: machine("orders"), U: machine("orders", { jti: "2" }) },
    raises: [],
  },
  {
    name: "one token for a service that serves both environments",
    baseline: `${declare("  orders: { calls: { logs: {} } }\n  logs: { traits: [environment-neutral] }")}\n${ENVIRONMENTS}`,
    trace: `${drawPath("*orders > logs(T)", inProd)}; ${drawPath("*orders > logs(T)", inStaging)}`,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "production's client in staging",
    baseline: declare(
      "  orders: { calls: { pay: {} } }\n  pay: {}",
      `identities: { orders-prod: { issuer: corp, client: orders, usedBy: [orders], environments: [prod] } }
${ENVIRONMENTS}`,
    ),
    trace: drawPath("*orders > pay(T)", inStaging),
    tokens: { T: machine("orders") },
    raises: ["token-cross-environment"],
  },
];

const DOORS = declare(`  orders: { calls: { pay: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }
  bin: { accepts: [{ issuer: corp, audiences: [bin] }] }
  stock: { accepts: [{ issuer: corp, audiences: [stock] }] }`);

const DOORS_AND_IDS: readonly JudgementCase[] = [
  {
    name: "a token tried at three doors, two of which its holder has no business with",
    baseline: DOORS,
    trace: [
      drawPath("*orders > pay(T)401"),
      drawPath("*orders > bin(T)401", { trace: 2, atS: 5 }),
      drawPath("*orders > stock(T)403", { trace: 3, atS: 10 }),
    ].join("; "),
    tokens: { T: machine("orders", { aud: "elsewhere" }) },
    raises: ["token-audience-probing", "undeclared-call"],
  },
  {
    name: "a token that all declared callees refuse for a while, after its issuer's keys were changed",
    baseline: declare("  orders: { calls: { pay: {}, bin: {}, stock: {} } }\n  pay: {}\n  bin: {}\n  stock: {}"),
    trace: [
      drawPath("*orders > pay(T)401"),
      drawPath("*orders > bin(T)401", { trace: 2, atS: 5 }),
      drawPath("*orders > stock(T)401", { trace: 3, atS: 10 }),
    ].join("; "),
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "a door that lets in what another one refuses",
    baseline: declare(`  orders: { calls: { pay: {}, bin: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }
  bin: { accepts: [{ issuer: corp, audiences: [bin] }] }`),
    trace: `${drawPath("*orders > pay(T)401")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`,
    tokens: { T: machine("orders", { aud: "elsewhere" }) },
    raises: ["audience-mismatch-accepted", "enforcement-inconsistent"],
  },
  {
    name: "a token that opens its own door and no other",
    baseline: declare(`  orders: { calls: { pay: {}, bin: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }
  bin: { accepts: [{ issuer: corp, audiences: [bin] }] }`),
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*orders > bin(T)401", { trace: 2 })}`,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "two tokens with one id",
    baseline: PAYERS,
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*orders > pay(U)", { trace: 2 })}`,
    tokens: { T: machine("orders", { jti: "7" }), U: machine("orders", { jti: "7", scope: "admin" }) },
    raises: ["duplicate-token-id"],
  },
  {
    name: "runner-up 20: one id of two issuers",
    baseline: PAYERS,
    trace: `${drawPath("*orders > pay(T)")}; ${drawPath("*orders > pay(U)", { trace: 2 })}`,
    tokens: { T: machine("orders", { jti: "7" }), U: machine("orders", { jti: "7", iss: "https://other.example" }) },
    raises: [],
  },
  {
    name: "a proof that is presented at two services",
    baseline: declare("  orders: { calls: { pay: {}, bin: {} } }\n  pay: {}\n  bin: {}"),
    trace: [
      drawPath("*orders > pay(T)", { called: "tok.dpop=P" }),
      drawPath("*orders > bin(U)", { trace: 2, called: "tok.dpop=P" }),
    ].join("; "),
    tokens: { T: machine("orders"), U: machine("orders", { aud: "bin" }), P: proof("p1") },
    raises: ["one-time-proof-replayed"],
  },
  {
    name: "a proof for each request",
    baseline: declare("  orders: { calls: { pay: {}, bin: {} } }\n  pay: {}\n  bin: {}"),
    trace: [
      drawPath("*orders > pay(T)", { calling: "tok.dpop=P", called: "tok.dpop=P" }),
      drawPath("*orders > bin(U)", { trace: 2, called: "tok.dpop=Q" }),
    ].join("; "),
    tokens: { T: machine("orders"), U: machine("orders", { aud: "bin" }), P: proof("p1"), Q: proof("p2") },
    raises: [],
  },
  {
    name: "hard case 4: one transaction token over many services",
    baseline: declare(`  orders: { calls: { a: {}, b: {}, c: {} } }
  a: { calls: { b: {} } }
  b: { calls: { c: {} } }
  c: {}`),
    trace: drawPath("web(T) > orders(T) > a(T) > b(T) > c(T)", { header: "txn-token" }),
    tokens: { T: transaction() },
    raises: [],
  },
  {
    name: "hard case 4: a transaction token long after its transaction",
    baseline: declare("  orders: { calls: { pay: {} } }\n  pay: {}"),
    trace: drawPath("web(T) > orders(T)", { header: "txn-token" }),
    later: [{ afterS: 1500, trace: drawPath("*orders > pay(T)", { trace: 2, atS: 1500, header: "txn-token" }) }],
    tokens: { T: transaction() },
    raises: ["expired-token-accepted", "transaction-token-outside-transaction"],
  },
  {
    name: "hard case 3: a gateway that swaps tokens",
    baseline: declare(`  edge: { ingress: [{ from: internet }], calls: { kong: {} } }
  kong: { traits: [gateway, exchanger], calls: { orders: {} } }
  orders: {}`),
    trace: drawPath("edge > kong(A) > orders(B)"),
    tokens: { A: { text: "opaque-0123456789abcdef0123456789" }, B: user() },
    raises: [],
  },
  {
    name: "hard case 3: a declared exchanger swaps tokens on the way",
    baseline: declare("  edge: { traits: [exchanger], calls: { orders: { token: { mode: own } } } }\n  orders: {}"),
    trace: drawPath("*edge > orders(B)", { calling: "tok=A" }),
    tokens: { A: { text: "opaque-0123456789abcdef0123456789" }, B: machine("edge", { aud: "orders" }) },
    raises: [],
  },
  {
    name: "hard case 3: something that nobody declared swaps tokens on the way",
    baseline: declare("  edge: { calls: { orders: { token: { mode: own } } } }\n  orders: {}"),
    trace: drawPath("*edge > orders(B)", { calling: "tok=A" }),
    tokens: { A: machine("edge", { aud: "orders", jti: "1" }), B: machine("edge", { aud: "orders", jti: "2" }) },
    raises: ["credential-changed-in-transit"],
  },
  {
    name: "runner-up 15: an end whose digest cannot be compared has seen no other credential",
    baseline: declare("  edge: { calls: { orders: { token: { mode: own } } } }\n  orders: {}"),
    trace: drawPath("*edge > orders(B)", { calling: `hdr.authorization=${"ab".repeat(32)}` }),
    tokens: { B: machine("edge", { aud: "orders" }) },
    raises: [],
  },
  {
    name: "a machine's token in curl, from where people sit",
    baseline: `${declare("  orders: { ingress: [{ from: internet }] }")}\ninternal: { people: ["10.9.0.0/16"] }`,
    trace: drawPath("orders(T)", { called: "client.address=10.9.1.2, user_agent.original=curl/8.5.0" }),
    tokens: { T: machine("jobs", { aud: "orders" }) },
    raises: ["human-use-of-machine-token"],
  },
  {
    name: "a person's token in a browser, from where people sit",
    baseline: `${declare("  orders: { ingress: [{ from: internet }] }")}\ninternal: { people: ["10.9.0.0/16"] }`,
    trace: drawPath("orders(T)", { called: "client.address=10.9.1.2, user_agent.original=Mozilla/5.0" }),
    tokens: { T: user() },
    raises: [],
  },
];

/** A DPoP proof with an id of its own. */
function proof(jti: string): CaseToken {
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
  };
  return {
    header: { typ: "dpop+jwt", alg: "ES256", jwk },
    claims: { jti, htm: "GET", htu: "https://pay", iat: DRAWN_S },
  };
}

const REACHABLE = declare("  orders: { calls: { pay: {} } }\n  pay: {}\n  bin: {}\n  stock: {}");

/** A service that called one other for a month, and then calls as many more as `added` draws. */
function reaching(added: readonly string[], rest: Partial<JudgementCase> & Pick<JudgementCase, "name">): JudgementCase {
  const first = drawPath("*orders > pay");
  const calls = added.map((path, index) => drawPath(path, { trace: 10 + index }));
  return {
    baseline: REACHABLE,
    trace: first,
    later: [{ afterS: 31 * 86_400, trace: calls.join("; ") }],
    raises: [],
    ...rest,
  };
}

const REACH: readonly JudgementCase[] = [
  reaching(["*orders > bin", "*orders > stock"], {
    name: "a service calls two others on one day that it never called before",
    raises: ["blast-radius-increase", "undeclared-call"],
  }),
  reaching(["*orders > bin", "*orders > stock"], {
    name: "a service that called nobody before calls two others on one day",
    trace: drawPath("*web > orders"),
    raises: ["undeclared-call"],
  }),
  reaching(["*orders > bin", "*orders > stock"], {
    name: "a service calls two lesser ones more on one day, beside the critical one that it called before",
    baseline: REACHABLE.replace("pay: {}\n", "pay: { criticality: critical }\n")
      .replace("bin: {}", "bin: { criticality: low }")
      .replace("stock: {}", "stock: { criticality: low }"),
    raises: ["undeclared-call"],
  }),
  reaching(["*orders > bin", "*orders > stock"], {
    name: "a service calls two others on one day, as it declares",
    baseline: REACHABLE.replace("calls: { pay: {} }", "calls: { pay: {}, bin: {}, stock: {} }"),
  }),
  reaching(["*orders > bin", "*orders > stock"], {
    name: "a service calls two others on one day, before a month is over",
    later: [
      {
        afterS: 29 * 86_400,
        trace: `${drawPath("*orders > bin", { trace: 10 })}; ${drawPath("*orders > stock", { trace: 11 })}`,
      },
    ],
    raises: ["undeclared-call"],
  }),
  reaching([], {
    name: "a service calls one other more a week",
    later: [
      { afterS: 31 * 86_400, trace: drawPath("*orders > bin", { trace: 10 }) },
      { afterS: 7 * 86_400, trace: drawPath("*orders > stock", { trace: 11 }) },
    ],
    raises: ["undeclared-call"],
  }),
  reaching([], {
    name: "a service tries two others on one day, which refuse it",
    later: [
      {
        afterS: 31 * 86_400,
        trace: `${drawPath("*orders > bin", { trace: 10 })}; ${drawPath("*orders > stock", { trace: 11 })}`.replaceAll(
          "200",
          "401",
        ),
      },
    ],
    raises: ["undeclared-call"],
  }),
  reaching(["*orders > bin"], {
    name: "a service calls one other that it never called before",
    raises: ["undeclared-call"],
  }),
];

/** Who passes on, exchanges, shares and keeps which credentials. */
export const PROPAGATION_CASES: readonly JudgementCase[] = [
  ...RELAYS,
  ...EXCHANGES,
  ...OWNERS,
  ...HOLDERS,
  ...PLACES,
  ...DOORS_AND_IDS,
  ...REACH,
];
