import { drawPath } from "../draw-path.ts";
import { type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const CORP = "https://idp.example";
const corp = (claims: CaseToken["claims"] = {}): CaseToken => ({
  header: { typ: "at+jwt" },
  claims: {
    iss: CORP,
    aud: "orders-api",
    client_id: "web",
    sub: "web",
    iat: DRAWN_S - 60,
    exp: DRAWN_S + 600,
    ...claims,
  },
});

const SHOP = `
issuers: { corp: { iss: "${CORP}" }, partner: { iss: "https://partner.example" } }
services:
  web: { calls: { orders: { token: { scopes: [read] } } }, publishes: [] }
  orders: { accepts: [{ issuer: corp, audiences: [orders-api] }] }
  stock: {}
identities: { old: { issuer: corp, client: old, retired: "2026-05-01" } }
datastores: { ledger: { system: redis } }
`;

const excepting = (rule: string, target: string, fields = 'expires: "2026-07-01"'): string => `${SHOP}
exceptions:
  - { id: EX-1, match: { rule: ${rule}, ${target} }, reason: move, owner: web, ${fields} }
`;

/** What an exception can name, the span that shows it, and another name of that kind. */
const TARGETS: readonly (readonly [
  rule: JudgementCase["raises"][number],
  kind: string,
  name: string,
  other: string,
  trace: string,
])[] = [
  [
    "undeclared-egress",
    "host",
    "api.paste.example",
    "api.other.example",
    "web C#1<9 {server.address=api.paste.example}",
  ],
  [
    "undeclared-destination",
    "destination",
    "orders.created",
    "orders.paid",
    "web P#1<9 {messaging.system=kafka, messaging.destination.name=orders.created}",
  ],
  ["undeclared-datastore", "datastore", "ledger", "archive", "web C#1<9 {db.system.name=redis, server.address=ledger}"],
  ["unknown-issuer", "issuer", "https://evil.example", "corp", drawPath("*web > orders(E)")],
  ["undeclared-scope", "scope", "write", "read", drawPath("*web > orders(W)")],
  ["retired-identity-active", "identity", "old", "new", drawPath("*web > orders(O)")],
  ["undeclared-call", "service", "stock", "orders", drawPath("*web > stock")],
];
const TOKENS = {
  E: corp({ iss: "https://evil.example" }),
  W: corp({ scope: "write" }),
  O: corp({ client_id: "old" }),
};

const NAMING: readonly JudgementCase[] = TARGETS.flatMap(([rule, kind, name, other, trace]) => [
  {
    name: `an exception to ${rule} that names the ${kind}`,
    baseline: excepting(rule, `${kind}: "${name}"`),
    trace,
    tokens: TOKENS,
    raises: [],
  },
  {
    name: `an exception to ${rule} that names another ${kind}`,
    baseline: excepting(rule, `${kind}: "${other}"`),
    trace,
    tokens: TOKENS,
    raises: [rule],
  },
]);

const DAY_S = 86_400;
const toStock = (trace: number): string => drawPath("*web > stock", { trace });
const OF_STOCK = ["undeclared-call", "caller: web, callee: stock"] as const;

/** Permissions that begin and end while traffic goes on. */
const DAYS: readonly JudgementCase[] = [
  {
    name: "an exception begins while its traffic goes on",
    baseline: excepting(...OF_STOCK, 'created: "2026-06-02", expires: "2026-07-01"'),
    trace: toStock(1),
    later: [{ afterS: DAY_S, trace: toStock(2) }],
    raises: [],
  },
  {
    name: "an exception begins today",
    baseline: excepting(...OF_STOCK, 'created: "2026-06-01", expires: "2026-07-01"'),
    trace: toStock(1),
    raises: [],
  },
  {
    name: "an exception becomes too old while its traffic goes on",
    baseline: excepting(...OF_STOCK, 'created: "2026-03-04", expires: "2026-07-01"'),
    trace: toStock(1),
    later: [{ afterS: DAY_S, trace: toStock(2) }],
    raises: ["permanent-exception"],
  },
  {
    name: "two exceptions for one thing, both of which have ended",
    baseline: `${excepting(...OF_STOCK, 'expires: "2026-04-30"')}  - { id: EX-2, match: { rule: undeclared-call, caller: web }, reason: move, owner: web, expires: "2026-05-30" }`,
    trace: toStock(1),
    raises: ["exception-expired"],
  },
  {
    name: "an exception for the environment that its traffic is in",
    baseline: excepting(...OF_STOCK, 'environments: [staging], expires: "2026-07-01"'),
    trace: drawPath("*web > stock", { resource: "deployment.environment.name=staging" }),
    raises: [],
  },
  {
    name: "a datastore stops being shared while its traffic goes on",
    baseline: `
services: { a: {}, b: { uses: { db: {} } } }
datastores: { db: { service: a, system: postgresql, shared: { reason: move, expires: "2026-06-01" } } }`,
    trace: "b C#1<9 {db.system.name=postgresql, server.address=db, db.query.text=UPDATE items SET}",
    later: [
      {
        afterS: DAY_S,
        trace: "b C#1<9@2 {db.system.name=postgresql, server.address=db, db.query.text=UPDATE items SET}",
      },
    ],
    raises: ["exception-expired"],
  },
];

const relaying = (token: string): string => `
issuers: { corp: { iss: "${CORP}" } }
services:
  web: { ingress: [{ from: internet }], calls: { orders: { token: { mode: passthrough, reason: for the user } } } }
  orders: { calls: { stock: { token: { ${token} } } } }
  stock: {}
`;
const RELAY = drawPath("web(T) > orders(T) > stock(T)");
const PERSON = { T: corp({ sub: "ann", aud: ["orders-api", "stock-api"], client_id: "spa" }) };

/** Modes of tokens that hold until a day. */
const MODES: readonly JudgementCase[] = [
  {
    name: "a relay whose permission ended yesterday",
    baseline: relaying('mode: passthrough, maxHops: 3, reason: for the user, expires: "2026-05-31"'),
    trace: RELAY,
    tokens: PERSON,
    raises: ["exception-expired"],
  },
  {
    name: "a relay whose permission ends today",
    baseline: relaying('mode: passthrough, maxHops: 3, reason: for the user, expires: "2026-06-01"'),
    trace: RELAY,
    tokens: PERSON,
    raises: [],
  },
  {
    name: "a relay whose permission ends while it goes on",
    baseline: relaying('mode: passthrough, maxHops: 3, reason: for the user, expires: "2026-06-01"'),
    trace: RELAY,
    later: [{ afterS: DAY_S, trace: drawPath("web(T) > orders(T) > stock(T)", { trace: 2 }) }],
    tokens: PERSON,
    raises: ["exception-expired"],
  },
];

const learning = (fields = "", until = "2026-07-31"): string => `
services:
  web: { calls: { orders: {} }, lifecycle: { state: learning, until: "${until}" } }
  orders: {}
  stock: { ${fields} }
datastores: { stock-db: { service: stock, system: postgresql, match: { address: "stock-db.*" } } }
`;
const STORED = "web C#1<9 {db.system.name=postgresql, server.address=stock-db.prod, db.query.text=SELECT * FROM items}";

/** What is offered for review, and not raised. */
const PROPOSED: readonly JudgementCase[] = [
  {
    name: "a learning service uses another one's datastore",
    baseline: learning(),
    trace: STORED,
    raises: [],
  },
  {
    name: "a learning service uses a critical service's datastore",
    baseline: learning("criticality: critical"),
    trace: STORED,
    raises: ["undeclared-datastore"],
  },
  {
    name: "a call to a bare address, where all that is undeclared is only proposed",
    baseline: `settings: { undeclared: propose }${learning()}`,
    trace: "orders C#1<9 {server.address=8.8.4.4}",
    raises: [],
  },
  {
    name: "a learning service is called by one that has learned",
    baseline: learning(),
    trace: drawPath("*stock > web"),
    raises: ["undeclared-call"],
  },
  {
    name: "a learning service does what is forbidden",
    baseline: `${learning()}forbidden: [{ match: { caller: web, callee: stock }, reason: never }]`,
    trace: drawPath("*web > stock"),
    raises: ["forbidden-call"],
  },
  {
    name: "a learning service's entry for traffic from outside is nobody else's to propose",
    baseline: learning(),
    trace: "web S#1 {http.request.method=GET, http.route=/, client.address=8.8.8.8}",
    raises: ["undeclared-ingress"],
  },
  {
    name: "traffic from outside where all that is undeclared is only proposed",
    baseline: `settings: { undeclared: propose }${learning()}`,
    trace: "stock S#1 {http.request.method=GET, http.route=/, client.address=8.8.8.8}",
    raises: [],
  },
  {
    name: "what is forbidden, where all that is undeclared is only proposed",
    baseline: `settings: { undeclared: propose }${learning()}forbidden: [{ match: { caller: orders, callee: stock }, reason: never }]`,
    trace: drawPath("*orders > stock"),
    raises: ["forbidden-call"],
  },
  {
    name: "a service's time to learn ends while it goes on",
    baseline: learning("", "2026-06-01"),
    trace: drawPath("*web > stock"),
    later: [{ afterS: DAY_S, trace: drawPath("*web > stock", { trace: 2 }) }],
    raises: ["undeclared-call"],
  },
];

/** What is allowed for a while, or only noted. */
export const PERMISSION_CASES: readonly JudgementCase[] = [...NAMING, ...DAYS, ...MODES, ...PROPOSED];
