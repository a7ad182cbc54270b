import { DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const BASELINE = `
services:
  web: { ingress: [{ from: internet }], calls: { orders: { operations: ["GET /orders"] } } }
  orders: {}
  stock: {}
`;

const UNDECLARED =
  "web C#1<9 {http.request.method=GET, peer=stock}; stock S#2<1 {http.request.method=GET, http.route=/items}";
const DECLARED =
  "web C#1<9 {http.request.method=GET, peer=orders}; orders S#2<1 {http.request.method=GET, http.route=/orders, http.response.status_code=200}";

/** Cases are judged on 2026-06-01, and a day is over at midnight, UTC. */
const exception = (fields: string): string => `${BASELINE}
exceptions:
  - { id: EX-1, match: { rule: undeclared-call, caller: web, callee: stock }, reason: move, owner: web, ${fields} }
`;

const STORES = `
services:
  orders: { uses: { orders-db: { access: [read, write], collections: [public.orders] } } }
  report: { uses: { orders-db: { access: [read] } } }
  refunds: { uses: { orders-db: {} } }
datastores:
  orders-db: { service: orders, system: postgresql, match: { address: "orders-db.*" }, readers: [report] SHARED }
`;
const sharing = (shared: string): string => STORES.replace("SHARED", shared);
const sql = (service: string, statement: string): string =>
  `${service} C#1<9 {db.system.name=postgresql, server.address=orders-db.prod, db.query.text=${statement}}`;

const TOPICS = `
services:
  orders: { publishes: ["orders.*"] }
  mail: { consumes: [orders.created] }
`;

const METADATA = `
services: { a: { calls: { metadata: {} } }, b: {} }
externals: { metadata: { hosts: [169.254.169.254] } }
`;

const ENVIRONMENTS = `
environments: { prod: { production: true }, staging: {} }
services:
  web: { calls: { orders: {}, idp: {} } }
  orders: {}
  idp: { traits: [environment-neutral] }
`;
const call = (callerEnvironment: string, callee: string, environment: string): string =>
  `web C#1<9 {} [deployment.environment.name=${callerEnvironment}]; ${callee} S#2<1 {} [deployment.environment.name=${environment}]`;

const consent = (settings: string, orders: string): string =>
  `settings: { consent: ${settings} }\nservices: { web: { calls: { orders: {} } }, cart: {}, orders: ${orders} }`;
const BY_CART = "cart C#1<9 {http.request.method=GET}; orders S#2<1 {http.request.method=GET, http.route=/orders}";

const ingress = (token: string): string => `services: { web: { ingress: [{ from: internet, token: ${token} }] } }`;
const FROM_OUTSIDE = "http.request.method=GET, http.route=/, http.response.status_code=200, client.address=8.8.8.8";

const IDENTITIES = `
issuers: { corp: { iss: "https://idp.example" } }
services: { web: { calls: { orders: {} } }, orders: {} }
identities:
  FIELDS
`;
const identities = (fields: string): string => IDENTITIES.replace("FIELDS", fields);
const CLAIMS = { iss: "https://idp.example", sub: "s", aud: "orders", iat: DRAWN_S - 60, exp: DRAWN_S + 600 };
const presenting = (token: string, id = 1, status = 200): string =>
  `web C#${id}<9@${id} {tok=${token}}; orders S#${id + 1}<${id}@${id} {tok=${token}, http.response.status_code=${status}}`;
/** The successor is seen, and the old one again long after. */
const OLD_GOES_ON: JudgementCase["later"] = [
  { afterS: 60, trace: presenting("new", 3) },
  { afterS: 7200, trace: presenting("old", 5) },
];
const TOKENS = { old: { claims: { ...CLAIMS, client_id: "old" } }, new: { claims: { ...CLAIMS, client_id: "new" } } };
/** From the drawings' first second to the one in which cases are judged: a grace is counted from the spans' own times. */
const TODAY = (Date.UTC(2026, 5, 1) - Date.UTC(2026, 0, 1)) / 1000;
const ROTATED = "old: { client: old, successor: new, grace: 1h }\n  new: { client: new }";

const lifecycle = (fields: string): string => `
services:
  web: { calls: { orders: {} }, lifecycle: { state: ${fields} } }
  orders: {}
  stock: { CRITICAL }
`;

/** Who calls whom, what for, and until when. */
export const PATH_CASES: readonly JudgementCase[] = [
  {
    name: "a service calls one that it does not declare",
    baseline: BASELINE,
    trace: UNDECLARED,
    raises: ["undeclared-call"],
  },
  { name: "a service calls one that it declares", baseline: BASELINE, trace: DECLARED, raises: [] },
  {
    name: "an exception in date holds an undeclared call back",
    baseline: exception(`expires: "2026-06-01"`),
    trace: UNDECLARED,
    raises: [],
  },
  {
    name: "an exception ended the day before, and its traffic goes on",
    baseline: exception(`expires: "2026-05-31"`),
    trace: UNDECLARED,
    raises: ["exception-expired"],
  },
  {
    name: "an exception ended, and its traffic with it",
    baseline: exception(`expires: "2026-05-31"`),
    trace: DECLARED,
    raises: [],
  },
  {
    name: "an exception ends while its traffic goes on",
    baseline: exception(`expires: "2026-06-01"`),
    trace: UNDECLARED,
    later: [
      {
        afterS: 86_400,
        trace: UNDECLARED.replaceAll("#1", "#1@2").replaceAll("#2<1", "#2<1@2").replace("#1@2<9", "#1<9@2"),
      },
    ],
    raises: ["exception-expired"],
  },
  {
    name: "an exception that has not begun excuses nothing",
    baseline: exception(`created: "2026-06-02", expires: "2026-07-01"`),
    trace: UNDECLARED,
    raises: ["undeclared-call"],
  },
  {
    name: "an exception for one callee does not cover another",
    baseline: exception(`expires: "2026-07-01"`).replace("callee: stock", "callee: orders"),
    trace: UNDECLARED,
    raises: ["undeclared-call"],
  },
  {
    name: "an exception does not lift what is forbidden",
    baseline: `${exception(`expires: "2026-07-01"`).replace("rule: undeclared-call", "rule: forbidden-call")}
forbidden: [{ match: { caller: web, callee: stock }, reason: never }]`,
    trace: UNDECLARED,
    raises: ["forbidden-call"],
  },
  {
    name: "an exception that was renewed three times",
    baseline: exception(`expires: "2026-07-01", renewals: 3`),
    trace: UNDECLARED,
    raises: ["permanent-exception"],
  },
  {
    name: "an exception that was renewed twice",
    baseline: exception(`created: "2026-05-01", expires: "2026-07-01", renewals: 2`),
    trace: UNDECLARED,
    raises: [],
  },
  {
    name: "an exception that is today as old as the settings allow",
    baseline: exception(`created: "2026-03-03", expires: "2026-07-01"`),
    trace: UNDECLARED,
    raises: ["permanent-exception"],
  },
  {
    name: "an exception that is tomorrow as old as the settings allow",
    baseline: exception(`created: "2026-03-04", expires: "2026-07-01"`),
    trace: UNDECLARED,
    raises: [],
  },
  {
    name: "an old exception that covers nothing that happens",
    baseline: exception(`created: "2026-01-01", expires: "2026-07-01", renewals: 5`),
    trace: DECLARED,
    raises: [],
  },
  {
    name: "two exceptions for one thing, one of which is in date",
    baseline: `${exception(`expires: "2026-05-31"`)}  - { id: EX-2, match: { rule: undeclared-call, caller: web }, reason: move, owner: web, expires: "2026-06-30" }`,
    trace: UNDECLARED,
    raises: [],
  },
  {
    name: "an exception for another environment",
    baseline: exception(`expires: "2026-07-01", environments: [staging]`),
    trace: UNDECLARED,
    raises: ["undeclared-call"],
  },
  {
    name: "an exception older than the settings allow",
    baseline: exception(`created: "2026-01-01", expires: "2026-07-01"`),
    trace: UNDECLARED,
    raises: ["permanent-exception"],
  },
  {
    name: "the owner writes to its datastore",
    baseline: sharing(""),
    trace: sql("orders", "INSERT INTO orders VALUES"),
    raises: [],
  },
  { name: "a declared reader reads", baseline: sharing(""), trace: sql("report", "SELECT * FROM orders"), raises: [] },
  {
    name: "a declared reader writes",
    baseline: sharing(""),
    trace: sql("report", "DELETE FROM orders"),
    raises: ["undeclared-datastore-access", "datastore-write-by-non-owner"],
  },
  {
    name: "the owner touches a collection that it does not declare",
    baseline: sharing(""),
    trace: sql("orders", "SELECT * FROM customers"),
    raises: ["undeclared-datastore-access"],
  },
  {
    name: "a service writes to another one's datastore, though it declares the use",
    baseline: sharing(""),
    trace: sql("refunds", "UPDATE orders SET"),
    raises: ["datastore-write-by-non-owner"],
  },
  {
    name: "a datastore is declared as shared for now",
    baseline: sharing(`, shared: { reason: move, expires: "2026-06-01" }`),
    trace: sql("refunds", "UPDATE orders SET"),
    raises: [],
  },
  {
    name: "a datastore was to be shared until yesterday",
    baseline: sharing(`, shared: { reason: move, expires: "2026-05-31" }`),
    trace: sql("refunds", "UPDATE orders SET"),
    raises: ["exception-expired"],
  },
  {
    name: "two services use one datastore, and nobody says whose it is",
    baseline: "services: { a: {}, b: {} }\ndatastores: { db: { system: redis } }",
    trace: "a C#1<9 {db.system.name=redis, server.address=db}; b C#2<9@2 {db.system.name=redis, server.address=db}",
    raises: ["shared-datastore-boundary", "undeclared-datastore"],
  },
  {
    name: "two services use one datastore, and say so",
    baseline: "services: { a: { uses: { db: {} } }, b: { uses: { db: {} } } }\ndatastores: { db: { system: redis } }",
    trace: "a C#1<9 {db.system.name=redis, server.address=db}; b C#2<9@2 {db.system.name=redis, server.address=db}",
    raises: [],
  },
  {
    name: "a service publishes where it does not declare to",
    baseline: TOPICS,
    trace: "orders P#1<9 {messaging.system=kafka, messaging.destination.name=payments}",
    raises: ["undeclared-destination"],
  },
  {
    name: "a service consumes what is not meant for it",
    baseline: TOPICS,
    trace: "mail K#1 {messaging.system=kafka, messaging.destination.name=orders.refunded}",
    raises: ["undeclared-destination"],
  },
  {
    name: "services publish and consume what they declare",
    baseline: TOPICS,
    trace:
      "orders P#1<9 {messaging.system=kafka, messaging.destination.name=orders.created}; mail K#2@2 {messaging.system=kafka, messaging.destination.name=orders.created}",
    raises: [],
  },
  {
    name: "a service fetches the machine's credentials",
    baseline: METADATA,
    trace: "b C#1<9 {http.request.method=GET, server.address=169.254.169.254}",
    raises: ["instance-metadata-credential-fetch"],
  },
  {
    name: "a service fetches credentials as it declares",
    baseline: METADATA,
    trace: "a C#1<9 {http.request.method=GET, server.address=169.254.169.254}",
    raises: [],
  },
  {
    name: "production is called from production",
    baseline: ENVIRONMENTS,
    trace: call("prod", "orders", "prod"),
    raises: [],
  },
  {
    name: "staging calls production",
    baseline: ENVIRONMENTS,
    trace: call("staging", "orders", "prod"),
    raises: ["cross-environment-call"],
  },
  {
    name: "an environment-neutral service is called from two environments",
    baseline: ENVIRONMENTS,
    trace: call("staging", "idp", "prod"),
    raises: [],
  },
  {
    name: "a service runs in an environment that nobody declares",
    baseline: ENVIRONMENTS,
    trace: call("qa", "orders", "qa"),
    raises: ["unknown-environment"],
  },
  {
    name: "the callee's consent is asked for and given",
    baseline: consent("callee", "{ callers: [cart] }"),
    trace: BY_CART,
    raises: [],
  },
  {
    name: "the callee's consent is asked for and not given",
    baseline: consent("callee", "{}"),
    trace: BY_CART,
    raises: ["undeclared-call"],
  },
  {
    name: "both have to consent, and only the callee does",
    baseline: consent("both", "{ callers: [cart] }"),
    trace: BY_CART,
    raises: ["undeclared-call"],
  },
  {
    name: "both have to consent, and both do",
    baseline: consent("both", "{ callers: [web] }"),
    trace: BY_CART.replace("cart", "web"),
    raises: [],
  },
  {
    name: "outside traffic without the token that its entry requires, at a service that shows tokens",
    baseline: ingress("required"),
    trace: `web S#1 {${FROM_OUTSIDE}, tok=t}; web S#2@2 {${FROM_OUTSIDE}}`,
    tokens: { t: { claims: CLAIMS } },
    raises: ["unauthenticated-call-accepted"],
  },
  {
    name: "outside traffic of which nobody shows tokens",
    baseline: ingress("required"),
    trace: `web S#2@2 {${FROM_OUTSIDE}}`,
    raises: [],
  },
  {
    name: "outside traffic with a token where none is expected",
    baseline: ingress("none"),
    trace: `web S#1 {${FROM_OUTSIDE}, tok=t}`,
    tokens: { t: { claims: CLAIMS } },
    raises: ["undeclared-ingress"],
  },
  {
    name: "a retired client's token is accepted",
    baseline: identities(`old: { issuer: corp, client: old, retired: "2026-05-01" }`),
    trace: presenting("old"),
    tokens: TOKENS,
    raises: ["retired-identity-active"],
  },
  {
    name: "a retired client is still within its grace",
    baseline: identities(`old: { issuer: corp, client: old, retired: "2026-05-31", grace: 48h }`),
    trace: presenting("old"),
    tokens: TOKENS,
    raises: [],
  },
  {
    name: "a client that was retired today",
    baseline: identities(`old: { issuer: corp, client: old, retired: "2026-06-01" }`),
    trace: presenting("old"),
    tokens: TOKENS,
    raises: ["retired-identity-active"],
  },
  {
    name: "a client is retired while its traffic goes on",
    baseline: identities(`old: { issuer: corp, client: old, retired: "2026-06-02" }`),
    trace: presenting("old"),
    tokens: TOKENS,
    later: [{ afterS: 86_400, trace: presenting("old", 3) }],
    raises: ["retired-identity-active"],
  },
  {
    name: "a client's traffic ended the day before it was retired",
    baseline: identities(`old: { issuer: corp, client: old, retired: "2026-06-02" }`),
    trace: presenting("old"),
    tokens: TOKENS,
    later: [{ afterS: 86_400 }],
    raises: [],
  },
  {
    name: "another client than the retired one",
    baseline: identities(`old: { issuer: corp, client: old, retired: "2026-05-01" }`),
    trace: presenting("new"),
    tokens: TOKENS,
    raises: [],
  },
  {
    name: "an old client goes on after its successor was seen for longer than the grace",
    baseline: identities(ROTATED),
    trace: presenting("old"),
    tokens: TOKENS,
    later: OLD_GOES_ON,
    raises: ["superseded-credential-in-use"],
  },
  {
    name: "an old client goes on after its successor was seen, and was retired as well",
    baseline: identities(ROTATED.replace("grace: 1h", `grace: 1h, retired: "2026-05-01"`)),
    trace: presenting("old"),
    tokens: TOKENS,
    later: OLD_GOES_ON,
    raises: ["retired-identity-active"],
  },
  {
    name: "an old client goes on after its successor was seen, and is to be retired later",
    baseline: identities(ROTATED.replace("grace: 1h", `grace: 1h, retired: "2026-07-01"`)),
    trace: presenting("old"),
    tokens: TOKENS,
    later: OLD_GOES_ON,
    raises: ["superseded-credential-in-use"],
  },
  {
    name: "an old client and its successor, both within the grace",
    baseline: identities(ROTATED),
    trace: presenting("old"),
    tokens: {
      ...TOKENS,
      new: { claims: { ...CLAIMS, iat: DRAWN_S + TODAY, exp: DRAWN_S + TODAY + 600, client_id: "new" } },
    },
    later: [
      { afterS: 60, trace: presenting("new", 3).replaceAll("}", `} +${TODAY + 60}`) },
      { afterS: 1800, trace: presenting("old", 5) },
    ],
    raises: [],
  },
  {
    name: "an old client whose successor was never seen",
    baseline: identities(ROTATED),
    trace: presenting("old"),
    tokens: TOKENS,
    later: [{ afterS: 7200, trace: presenting("old", 5) }],
    raises: [],
  },
  {
    name: "an old client ends before its successor begins",
    baseline: identities(ROTATED),
    trace: presenting("new", 3),
    tokens: TOKENS,
    later: [{ afterS: 7200, trace: presenting("new", 5) }],
    raises: [],
  },
  {
    name: "a service that was retired yesterday still calls",
    baseline: lifecycle(`retired, since: "2026-05-31"`).replace("CRITICAL", ""),
    trace: DECLARED,
    raises: ["retired-service-active"],
  },
  {
    name: "a service that was retired is still called",
    baseline: lifecycle(`retired, since: "2026-06-01"`)
      .replace("CRITICAL", "")
      .replace("\n  orders: {}", "\n  orders: { calls: { web: {} } }"),
    trace: "orders C#1<9 {http.request.method=GET}; web S#2<1 {http.request.method=GET}",
    raises: ["retired-service-active"],
  },
  {
    name: "somebody asks whether a retired service is well",
    baseline: `internal: { probes: ["GET /healthz"] }\n${lifecycle(`retired, since: "2026-06-01"`).replace("CRITICAL", "")}`,
    trace: "web C#1<9 {http.request.method=GET}; orders S#2<1 {http.request.method=GET, http.route=/healthz}",
    raises: [],
  },
  {
    name: "the replicas of a retired service call each other",
    baseline: lifecycle(`retired, since: "2026-06-01"`).replace("CRITICAL", ""),
    trace: DECLARED.replace("orders S", "web S"),
    raises: ["retired-service-active"],
  },
  {
    name: "a service that was never retired, beside one that was",
    baseline: lifecycle(`retired, since: "2026-06-01"`).replace("CRITICAL", "calls: { orders: {} }"),
    trace: DECLARED.replace("web C", "stock C"),
    raises: [],
  },
  {
    name: "a service is retired while its traffic goes on",
    baseline: lifecycle(`retired, since: "2026-06-02"`).replace("CRITICAL", ""),
    trace: DECLARED,
    later: [
      {
        afterS: 86_400,
        trace: DECLARED.replaceAll("#1", "#1@2").replaceAll("#2<1", "#2<1@2").replace("#1@2<9", "#1<9@2"),
      },
    ],
    raises: ["retired-service-active"],
  },
  {
    name: "a service's traffic ended the day before it was retired",
    baseline: lifecycle(`retired, since: "2026-06-02"`).replace("CRITICAL", ""),
    trace: DECLARED,
    later: [{ afterS: 86_400 }],
    raises: [],
  },
  {
    name: "a service is to be retired tomorrow",
    baseline: lifecycle(`retired, since: "2026-06-02"`).replace("CRITICAL", ""),
    trace: DECLARED,
    raises: [],
  },
  {
    name: "a learning service's undeclared call is a proposal",
    baseline: lifecycle(`learning, until: "2026-07-31"`).replace("CRITICAL", ""),
    trace: UNDECLARED,
    raises: [],
  },
  {
    name: "a learning service's undeclared call to a critical service is no proposal",
    baseline: lifecycle(`learning, until: "2026-07-31"`).replace("CRITICAL", "criticality: critical"),
    trace: UNDECLARED,
    raises: ["undeclared-call"],
  },
  {
    name: "a service's time to learn is over",
    baseline: lifecycle(`learning, until: "2026-05-31"`).replace("CRITICAL", ""),
    trace: UNDECLARED,
    raises: ["undeclared-call"],
  },
  {
    name: "what is undeclared is only proposed",
    baseline: `settings: { undeclared: propose }\n${BASELINE}`,
    trace: UNDECLARED,
    raises: [],
  },
];
