import { declare, machine, PASS, transaction, user } from "../corp.ts";
import { drawPath } from "../draw-path.ts";
import { DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const OTHER = "https://other.example";
/** web may relay to orders, and orders says this of its call to stock. */
function toStock(token: string, rest = ""): string {
  return declare(`  orders: { calls: { stock: ${token} } }\n  stock: {}`, rest);
}

const EXCHANGE = "{ token: { mode: exchange, audiences: [stock, orders] } }";
const OWN = "{ token: { mode: own } }";

function exchange(name: string, made: Partial<JudgementCase> & Pick<JudgementCase, "tokens">): JudgementCase {
  return { name, baseline: toStock(OWN), trace: drawPath("web(T) > orders(T) > stock(X)"), raises: [], ...made };
}

const SCOPED = { client_id: "orders", scope: "admin read" };
const STOCK_ACCEPTS = (scopes: string): string =>
  declare(`  orders: { calls: { stock: ${OWN} } }
  stock: { accepts: [{ issuer: corp, audiences: [orders], scopes: ${scopes} }] }`);

/** One token comes in and another one goes out. */
const EXCHANGES: readonly JudgementCase[] = [
  exchange("an exchange in name only: the same token once more", {
    baseline: toStock(EXCHANGE),
    tokens: { T: user({ jti: "1" }), X: user({ jti: "2" }) },
    raises: ["exchange-expected-not-seen"],
  }),
  exchange("the same token once more, now in the name of who calls", {
    baseline: toStock(EXCHANGE),
    tokens: { T: user({ jti: "1" }), X: user({ jti: "2", act: { sub: "orders" } }) },
  }),
  exchange("the same token once more, on a call that is to show a token of its own", {
    tokens: { T: user({ jti: "1" }), X: user({ jti: "2" }) },
  }),
  exchange("the same token once more, on a call that nobody declared", {
    baseline: declare("  orders: {}\n  stock: {}"),
    tokens: { T: user({ jti: "1" }), X: user({ jti: "2" }) },
    raises: ["undeclared-call"],
  }),
  exchange("two tokens of one person, of which nobody can tell for whom they were made", {
    baseline: toStock(EXCHANGE),
    tokens: { T: user({ jti: "1", client_id: undefined }), X: user({ jti: "2", client_id: undefined }) },
  }),
  exchange("two tokens of one person, for nobody", {
    baseline: toStock(EXCHANGE),
    tokens: { T: user({ jti: "1", aud: undefined }), X: user({ jti: "2", aud: undefined }) },
  }),
  exchange("another person's token, made by another issuer", {
    tokens: { T: user(), X: user({ iss: OTHER, sub: "bob" }) },
  }),
  exchange("another person's token, from a declared exchanger", {
    baseline: declare(`  orders: { traits: [exchanger], calls: { stock: ${OWN} } }\n  stock: {}`),
    tokens: { T: user(), X: user({ sub: "bob" }) },
  }),
  exchange("a person's token for a workload's", {
    tokens: { T: machine("web", { aud: "orders" }), X: user({ sub: "bob" }) },
  }),
  exchange("another person's token, on a call that declares an exchange", {
    baseline: toStock(EXCHANGE),
    tokens: { T: user(), X: user({ sub: "bob" }) },
    raises: ["actor-chain-mismatch"],
  }),
  exchange("an exchange that widens what a workload's token may do", {
    tokens: {
      T: machine("web", { aud: "orders", scope: "read" }),
      X: machine("orders", { ...SCOPED, aud: "orders", sub: "web", idtyp: "app" }),
    },
    raises: ["scope-escalation"],
  }),
  exchange("a chain of six actors", {
    tokens: { T: user(), X: user({ act: actors(6) }) },
    raises: ["actor-chain-mismatch"],
  }),
  exchange("a chain of five actors", { tokens: { T: user(), X: user({ act: actors(5) }) } }),
  exchange("a transaction token that names an actor of its own", {
    baseline: toStock(OWN, "identities: { pay-client: { issuer: corp, client: pay, usedBy: [bin] } }"),
    trace: `${drawPath("web(T) > orders(T)")}; ${[
      "orders C#7<2@1 {http.request.method=GET, peer=stock}",
      "stock S#8<7@1 {http.request.method=GET, http.route=/stock, http.response.status_code=200, tok.txn-token=X}",
    ].join("; ")}`,
    tokens: { T: user(), X: transaction({ act: { sub: "pay" } }) },
  }),
  exchange("an exchange that adds who the person is", {
    tokens: { T: user({ scope: "read" }), X: user({ client_id: "orders", scope: "read openid email" }) },
  }),
  exchange("an exchange that adds a scope which the next one requires", {
    baseline: STOCK_ACCEPTS("{ required: [admin] }"),
    tokens: { T: user({ scope: "read" }), X: user(SCOPED) },
  }),
  exchange("an exchange that adds a scope which the next one allows", {
    baseline: STOCK_ACCEPTS('{ allowed: ["adm*", read] }'),
    tokens: { T: user({ scope: "read" }), X: user(SCOPED) },
  }),
  exchange("an exchange that adds a scope which the call declares", {
    baseline: toStock("{ token: { mode: own, scopes: [admin, read] } }"),
    tokens: { T: user({ scope: "read" }), X: user(SCOPED) },
  }),
  exchange("an exchange that gives scopes to a token that has none", {
    tokens: { T: user(), X: user(SCOPED) },
    raises: ["scope-escalation"],
  }),
  exchange("more scopes from another issuer, which means others by them", {
    tokens: { T: user({ scope: "read" }), X: user({ ...SCOPED, iss: OTHER }) },
  }),
  exchange("a service's own token that may do more than the person's", {
    tokens: { T: user({ scope: "read" }), X: machine("orders", { aud: "orders", scope: "admin read" }) },
  }),
];

function actors(depth: number): object {
  return depth === 1 ? { sub: "a1" } : { sub: `a${depth}`, act: actors(depth - 1) };
}

/** A trace from web, whose callers hold T, to orders, and a later one of orders' own. */
function later(path: string): string {
  return `${drawPath("web(T) > orders(T)")}; ${drawPath(path, { trace: 2, atS: 20 })}`;
}

const STOCK_FOR_ITSELF = "stock: { accepts: [{ issuer: corp, audiences: [stock] }] }";

/** One token goes further than it should. */
const RELAYS: readonly JudgementCase[] = [
  {
    name: "a relay on a call that nobody declared",
    baseline: declare("  orders: {}\n  stock: {}"),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user() },
    raises: ["token-relayed", "undeclared-call"],
  },
  {
    name: "strangers relay a token",
    baseline: declare("  orders: {}"),
    trace: drawPath("*m > n(T) > o(T)"),
    tokens: { T: machine("m") },
    raises: ["unknown-service"],
  },
  {
    name: "a received token is presented in a later trace, by who had received it",
    baseline: toStock(OWN),
    trace: later("orders > stock(T)"),
    tokens: { T: user() },
    raises: ["token-relayed"],
  },
  {
    name: "a received token is presented in a later trace, where the call may pass it on",
    baseline: toStock(`{ token: { ${PASS}, maxHops: 2 } }`),
    trace: later("orders > stock(T)"),
    tokens: { T: user() },
    raises: [],
  },
  {
    name: "a token that is passed on once too often, to whom it is not for",
    baseline: declare(`  orders: { calls: { stock: { token: { ${PASS} } } } }\n  ${STOCK_FOR_ITSELF}`),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user() },
    raises: ["token-relayed-past-audience"],
  },
  {
    name: "a token that is passed on past its audience, with an answer that leaves open whether it was good",
    baseline: declare(`  orders: { calls: { stock: ${OWN} } }\n  ${STOCK_FOR_ITSELF}`),
    trace: drawPath("web(T) > orders(T) > stock(T)500"),
    tokens: { T: user() },
    raises: ["token-relayed-past-audience"],
  },
  {
    name: "a token that is not exchanged, and not for the next one",
    baseline: declare(`  orders: { calls: { stock: ${EXCHANGE} } }\n  ${STOCK_FOR_ITSELF}`),
    trace: drawPath("web(T) > orders(T) > stock(T)"),
    tokens: { T: user() },
    raises: ["token-relayed-past-audience"],
  },
  {
    name: "a token that a service passes on to two, one hop each",
    baseline:
      declare(`  orders: { calls: { stock: { token: { ${PASS}, maxHops: 2 } }, pay: { token: { ${PASS}, maxHops: 2 } } } }
  stock: {}
  pay: {}`),
    trace: `${drawPath("web(T) > orders(T) > stock(T)")}; ${drawPath("web(T) > orders(T) > pay(T)", { trace: 2 })}`,
    tokens: { T: user() },
    raises: [],
  },
  {
    name: "a token that reaches a service directly, and also by a detour",
    baseline: declare(`  orders: { calls: { stock: { token: { ${PASS}, maxHops: 2 } } } }
  stock: { calls: { pay: { token: { ${PASS} } } } }
  pay: {}`).replace("logs: {}", `stock: { token: { ${PASS} } }`),
    trace: `${drawPath("*web > stock(T) > pay(T)")}; ${drawPath("*web > orders(T) > stock(T)", { trace: 2, atS: 9 })}`,
    tokens: { T: machine("web", { aud: ["a", "b"] }) },
    raises: [],
  },
];

const TWO = `  orders: { calls: { pay: ${OWN}, bin: ${OWN} } }\n  pay: {}\n  bin: {}`;
const TO_BOTH = `${drawPath("*orders > pay(T)")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`;
const JKT = { cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } };

/** One token goes to several. */
const FAN_OUT: readonly JudgementCase[] = [
  {
    name: "one token for one audience goes to two",
    baseline: declare(TWO),
    trace: TO_BOTH,
    tokens: { T: machine("orders") },
    raises: ["token-fan-out"],
  },
  {
    name: "one token for two audiences goes to two",
    baseline: declare(TWO),
    trace: TO_BOTH,
    tokens: { T: machine("orders", { aud: ["bin", "pay"] }) },
    raises: [],
  },
  {
    name: "one token that names no audience goes to two",
    baseline: declare(TWO),
    trace: TO_BOTH,
    tokens: { T: { text: "opaque-0123456789abcdef0123456789" } },
    raises: [],
  },
  {
    name: "one token for the audience that both calls declare",
    baseline: declare(TWO.replaceAll("mode: own", "mode: own, audiences: [pay]")),
    trace: TO_BOTH,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "one token for two that may go to two",
    baseline: declare(TWO.replace("mode: own", "mode: own, maxRecipients: 2")),
    trace: TO_BOTH,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "one token that is bound to its sender's key goes to two",
    baseline: declare(TWO),
    trace: TO_BOTH.replaceAll("tok=T", "tok.authorization=T"),
    tokens: { T: { text: `DPoP ${jwt({ ...machine("orders").claims, ...JKT })}` } },
    raises: [],
  },
  {
    name: "one token that the second one refused",
    baseline: declare(TWO),
    trace: TO_BOTH.replace(/200(?=[^2]*$)/u, "401"),
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "one token that the second one refused once and took once",
    baseline: declare(TWO),
    trace: `${TO_BOTH.replace(/200(?=[^2]*$)/u, "401")}; ${drawPath("*orders > bin(T)", { trace: 3 })}`,
    tokens: { T: machine("orders") },
    raises: ["token-fan-out"],
  },
  {
    name: "one token that the second one answered with an error",
    baseline: declare(TWO),
    trace: TO_BOTH.replace(/200(?=[^2]*$)/u, "500"),
    tokens: { T: machine("orders") },
    raises: ["token-fan-out"],
  },
  {
    name: "one token for one service and for whom it is checked by",
    baseline: declare(TWO.replace("bin: {}", "bin: { traits: [control-plane] }")),
    trace: TO_BOTH,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "one token that a gateway brings to two",
    baseline: declare(TWO.replace("orders: {", "orders: { traits: [gateway],")),
    trace: TO_BOTH,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "one token for two, of which one call says nothing of tokens",
    baseline: declare(TWO.replace(`bin: ${OWN}`, "bin: {}")),
    trace: TO_BOTH,
    tokens: { T: machine("orders") },
    raises: [],
  },
];

function jwt(claims: object): string {
  const parts = [{ alg: "ES256", typ: "at+jwt" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${parts.join(".")}.${"A".repeat(86)}`;
}

const THREE = "  orders: { calls: { pay: {} } }\n  pay: {}\n  bin: {}\n  stock: {}";
function tried(paths: readonly string[], everyS: number): string {
  return paths.map((path, index) => drawPath(path, { trace: 1 + index, atS: index * everyS })).join("; ");
}

/** Doors that are tried, and doors that are lax. */
const DOORS: readonly JudgementCase[] = [
  {
    name: "a token tried at two doors, one of them nobody's business",
    baseline: declare(THREE),
    trace: tried(["*orders > pay(T)401", "*orders > bin(T)401"], 5),
    tokens: { T: machine("orders") },
    raises: ["undeclared-call"],
  },
  {
    name: "a token tried at three doors, of which one lets it in",
    baseline: declare(THREE),
    trace: tried(["*orders > pay(T)", "*orders > bin(T)401", "*orders > stock(T)401"], 5),
    tokens: { T: machine("orders") },
    raises: ["undeclared-call"],
  },
  {
    name: "a token tried at three doors, of which one lets it in at the second time",
    baseline: declare(THREE),
    trace: tried(["*orders > pay(T)401", "*orders > bin(T)401", "*orders > stock(T)401", "*orders > pay(T)"], 5),
    tokens: { T: machine("orders") },
    raises: ["undeclared-call"],
  },
  {
    name: "a token tried at three doors that break",
    baseline: declare(THREE),
    trace: tried(["*orders > pay(T)500", "*orders > bin(T)500", "*orders > stock(T)500"], 5),
    tokens: { T: machine("orders") },
    raises: ["undeclared-call"],
  },
  {
    name: "a token tried at three doors in an hour",
    baseline: declare(THREE),
    trace: tried(["*orders > pay(T)401", "*orders > bin(T)401", "*orders > stock(T)401"], 1200),
    tokens: { T: machine("orders", { exp: DRAWN_S + 3540 }) },
    raises: ["undeclared-call"],
  },
  {
    name: "a token tried at a first door long before it is tried at three others",
    baseline: declare(`${THREE}\n  mail: {}`),
    trace: [
      drawPath("*orders > mail(T)401", { trace: 9 }),
      drawPath("*orders > pay(T)401", { atS: 900 }),
      drawPath("*orders > bin(T)401", { trace: 2, atS: 905 }),
      drawPath("*orders > stock(T)403", { trace: 3, atS: 910 }),
    ].join("; "),
    tokens: { T: machine("orders") },
    raises: ["token-audience-probing", "undeclared-call"],
  },
  {
    name: "a stranger tries a token at three declared doors",
    baseline: declare(THREE),
    trace: tried(["*m > pay(T)401", "*m > bin(T)401", "*m > stock(T)401"], 5),
    tokens: { T: machine("m") },
    raises: ["token-audience-probing", "undeclared-call", "unknown-service"],
  },
  {
    name: "a service tries a token at three strangers' doors",
    baseline: declare("  orders: {}"),
    trace: tried(["*orders > m(T)401", "*orders > n(T)401", "*orders > o(T)401"], 5),
    tokens: { T: machine("orders") },
    raises: ["token-audience-probing", "undeclared-call", "unknown-service"],
  },
  {
    name: "strangers try a token at each other's doors",
    baseline: declare("  orders: {}"),
    trace: tried(["*l > m(T)401", "*l > n(T)401", "*l > o(T)401"], 5),
    tokens: { T: machine("l") },
    raises: ["unknown-service"],
  },
  {
    name: "a door that lets in a token without the scope for which another one refused it",
    baseline: declare(`  orders: { calls: { pay: {}, bin: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [all], scopes: { required: [buy] } }] }
  bin: { accepts: [{ issuer: corp, audiences: [all], scopes: { required: [buy] } }] }`),
    trace: `${drawPath("*orders > pay(T)401")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`,
    tokens: { T: machine("orders", { aud: "all", scope: "look" }) },
    raises: ["enforcement-inconsistent", "scope-missing"],
  },
  {
    name: "a door that lets in a token with the scope that another one misses",
    baseline: declare(`  orders: { calls: { pay: {}, bin: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [all], scopes: { required: [buy] } }] }
  bin: { accepts: [{ issuer: corp, audiences: [all], scopes: { required: [look] } }] }`),
    trace: `${drawPath("*orders > pay(T)401")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`,
    tokens: { T: machine("orders", { aud: "all", scope: "look" }) },
    raises: [],
  },
  {
    name: "one door that refused a token that is not for it, and later let it in",
    baseline: declare(`  orders: { calls: { pay: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }`),
    trace: `${drawPath("*orders > pay(T)401")}; ${drawPath("*orders > pay(T)", { trace: 2 })}`,
    tokens: { T: machine("orders", { aud: "elsewhere" }) },
    raises: ["audience-mismatch-accepted"],
  },
  {
    name: "a door that broke on a token that is not for it, and one that let it in",
    baseline: declare(`  orders: { calls: { pay: {}, bin: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }
  bin: { accepts: [{ issuer: corp, audiences: [bin] }] }`),
    trace: `${drawPath("*orders > pay(T)500")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`,
    tokens: { T: machine("orders", { aud: "elsewhere" }) },
    raises: ["audience-mismatch-accepted"],
  },
  {
    name: "one door that refused a token that is not for it, let it in later, and one that takes all",
    baseline: declare(`  orders: { calls: { pay: {}, bin: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }
  bin: {}`),
    trace: tried(["*orders > pay(T)401", "*orders > pay(T)", "*orders > bin(T)"], 5),
    tokens: { T: machine("orders", { aud: "elsewhere" }) },
    raises: ["audience-mismatch-accepted"],
  },
  {
    name: "a strict door of one issuer, and a door that takes another issuer's tokens",
    baseline: declare(`  orders: { calls: { pay: {}, bin: {} } }
  pay: { accepts: [{ issuer: corp, audiences: [pay] }] }
  bin: { accepts: [{ issuer: other, audiences: [bin] }] }`),
    trace: `${drawPath("*orders > pay(T)401")}; ${drawPath("*orders > bin(T)", { trace: 2 })}`,
    tokens: { T: machine("orders", { aud: "elsewhere" }) },
    raises: ["audience-mismatch-accepted", "unknown-issuer"],
  },
];

const ENVIRONMENTS = "environments: { prod: { production: true }, staging: {} }";
const inProd = { resource: "deployment.environment.name=prod" };
const inStaging = { trace: 2, resource: "deployment.environment.name=staging" };
const PAYERS = "  orders: { calls: { pay: {} } }\n  pay: {}";
const OF_PROD = "identities: { orders-prod: { issuer: corp, client: orders, usedBy: [orders], environments: [prod] } }";

/** One credential in two environments. */
const PLACES: readonly JudgementCase[] = [
  {
    name: "a person's token comes from outside into two environments",
    baseline: `${declare("  orders: { ingress: [{ from: internet }] }")}\n${ENVIRONMENTS}`,
    trace: `${drawPath("orders(T)", inProd)}; ${drawPath("orders(T)", inStaging)}`,
    tokens: { T: user() },
    raises: ["token-cross-environment"],
  },
  {
    name: "one token in production and where nobody names an environment",
    baseline: declare(PAYERS),
    trace: `${drawPath("*orders > pay(T)", inProd)}; ${drawPath("*orders > pay(T)", { trace: 2 })}`,
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "strangers use one token in two environments",
    baseline: `${declare("  orders: {}")}\n${ENVIRONMENTS}`,
    trace: `${drawPath("*m > n(T)", inProd)}; ${drawPath("*m > n(T)", inStaging)}`,
    tokens: { T: machine("m") },
    raises: ["unknown-service"],
  },
  {
    name: "production's client in staging, at a service for all environments",
    baseline: `${declare("  orders: { calls: { logs: {} } }\n  logs: { traits: [environment-neutral] }")}\n${OF_PROD}\n${ENVIRONMENTS}`,
    trace: drawPath("*orders > logs(T)", inStaging),
    tokens: { T: machine("orders", { aud: "logs" }) },
    raises: [],
  },
  {
    name: "production's client in production",
    baseline: `${declare(PAYERS)}\n${OF_PROD}\n${ENVIRONMENTS}`,
    trace: drawPath("*orders > pay(T)", inProd),
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "production's client where nobody names an environment",
    baseline: `${declare(PAYERS)}\n${OF_PROD}`,
    trace: drawPath("*orders > pay(T)"),
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "a client that is declared for no environment in particular",
    baseline: `${declare(PAYERS)}\n${OF_PROD.replace(", environments: [prod]", "")}\n${ENVIRONMENTS}`,
    trace: drawPath("*orders > pay(T)", inStaging),
    tokens: { T: machine("orders") },
    raises: [],
  },
  {
    name: "a transaction of production's client in staging",
    baseline: `${declare(PAYERS)}\n${OF_PROD}\n${ENVIRONMENTS}`,
    trace: drawPath("*orders > pay(T)", { ...inStaging, header: "txn-token" }),
    tokens: { T: transaction({ iss: "https://idp.example", client_id: "orders" }) },
    raises: [],
  },
];

const SWAPPED = { T: machine("edge", { aud: "orders", jti: "1" }), B: machine("edge", { aud: "orders", jti: "2" }) };
function swapped(name: string, orders: string, raises: JudgementCase["raises"]): JudgementCase {
  const baseline = declare(`  edge: { calls: ${orders} }\n  orders: {}`);
  return { name, baseline, trace: drawPath("*edge > orders(B)", { calling: "tok=T" }), tokens: SWAPPED, raises };
}

/** A transaction's tokens at one service, so many seconds apart, in two traces. */
function transactions(name: string, apartS: number, rest: Partial<JudgementCase> = {}): JudgementCase {
  const second = drawPath("*orders > pay(U)", { trace: 2, atS: apartS, header: "txn-token" });
  return {
    name,
    baseline: declare(PAYERS),
    trace: `${drawPath("web(T) > orders(T)", { header: "txn-token" })}; ${second}`,
    tokens: {
      T: transaction(),
      U: transaction({ iat: DRAWN_S + apartS - 10, exp: DRAWN_S + apartS + 200 }),
    },
    // Until then, a link may come that joins the two traces.
    windowS: 600,
    later: [{ afterS: 700, trace: "web I#90<91@90" }],
    raises: [],
    ...rest,
  };
}

const LONG = declare(PAYERS).replace('corp: { iss: "', 'corp: { maxLifetime: { transaction: 20m }, iss: "');
const OF_CORP = { iss: "https://idp.example" };

/** What is swapped on the way, and what outlives its request. */
const SWAPS: readonly JudgementCase[] = [
  swapped("a swap on a call that declares an exchange", `{ orders: ${EXCHANGE} }`, []),
  swapped("a swap on a call of which nothing is declared", "{ orders: {} }", []),
  swapped("a swap on a call that only declares how it authenticates", "{ orders: { auth: [jwt] } }", [
    "credential-changed-in-transit",
  ]),
  swapped("a swap on a call that nobody declared", "{}", ["undeclared-call"]),
  transactions("a transaction is renewed and goes on in another trace, ten minutes later", 600, {
    raises: ["transaction-token-outside-transaction"],
  }),
  transactions("a transaction is renewed and goes on in another trace, two minutes later", 120),
  transactions("a transaction goes on for as long as its issuer lets it", 600, {
    baseline: LONG,
    tokens: {
      T: transaction(OF_CORP),
      U: transaction({ ...OF_CORP, iat: DRAWN_S + 590, exp: DRAWN_S + 800 }),
    },
  }),
  transactions("a transaction of an issuer that says nothing of how long it may last", 600, {
    tokens: {
      T: transaction(OF_CORP),
      U: transaction({ ...OF_CORP, iat: DRAWN_S + 590, exp: DRAWN_S + 800 }),
    },
    raises: ["transaction-token-outside-transaction"],
  }),
  transactions("a transaction of an issuer that nobody declares", 600, {
    tokens: {
      T: transaction({ iss: "https://new.example" }),
      U: transaction({ iss: "https://new.example", iat: DRAWN_S + 590, exp: DRAWN_S + 800 }),
    },
    raises: ["transaction-token-outside-transaction"],
  }),
  {
    name: "an expired transaction token that was refused",
    baseline: declare(PAYERS),
    trace: drawPath("*orders > pay(T)401", { atS: 1500, header: "txn-token" }),
    tokens: { T: transaction() },
    raises: [],
  },
  {
    name: "an expired transaction token between strangers",
    baseline: declare("  orders: {}"),
    trace: drawPath("*m > n(T)", { atS: 1500, header: "txn-token" }),
    tokens: { T: transaction() },
    raises: ["unknown-service"],
  },
];

/** What services do with what they receive. */
export const PASSING_ON_CASES: readonly JudgementCase[] = [
  ...EXCHANGES,
  ...RELAYS,
  ...FAN_OUT,
  ...DOORS,
  ...PLACES,
  ...SWAPS,
];
