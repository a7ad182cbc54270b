import type { JudgementCase } from "../judgement-case.ts";

const GET = "http.request.method=GET, http.route=/items";
/** A call that both ends show. */
const call = (caller: string, callee: string, attributes = GET, trace = 1): string =>
  `${caller} C#1<9@${trace} {peer=${callee}, http.request.method=GET}; ${callee} S#2<1@${trace} {${attributes}}`;
/** A call from nobody who sends spans. */
const orphan = (callee: string, attributes = GET): string => `${callee} S#2<1 {${attributes}}`;

const shop = (rest = ""): string => `
internal: { probes: ["GET /healthz"], cidrs: ["203.0.113.0/24"] }
services:
  web: { calls: { orders: { operations: ["GET /items", "POST /items"] } } }
  orders: {}
  stock: { callers: [orders] }
${rest}`;
const HEALTH = "http.request.method=GET, http.route=/healthz, http.response.status_code=200";

/** Calls that the caller does not declare. */
const CALLS: readonly JudgementCase[] = [
  {
    name: "a declared service calls one that nobody declares",
    baseline: shop(),
    trace: call("web", "shadow"),
    raises: ["undeclared-call", "unknown-service"],
  },
  {
    name: "a service that nobody declares calls a declared one",
    baseline: shop(),
    trace: call("shadow", "orders"),
    raises: ["undeclared-call", "unknown-service"],
  },
  {
    name: "two services that nobody declares call each other",
    baseline: shop(),
    trace: call("shadow", "dusk"),
    raises: ["unknown-service"],
  },
  {
    name: "two replicas of one service call each other",
    baseline: shop(),
    trace: call("orders", "orders"),
    raises: [],
  },
  {
    name: "two replicas of one service that lists its callers call each other",
    baseline: shop(),
    trace: call("stock", "stock"),
    raises: [],
  },
  {
    name: "a service asks another one whether it is well",
    baseline: shop(),
    trace: call("orders", "web", HEALTH),
    raises: [],
  },
  {
    name: "a callee that nobody declares cannot consent, so its caller has to",
    baseline: `settings: { consent: callee }\n${shop()}`,
    trace: call("web", "shadow"),
    raises: ["undeclared-call", "unknown-service"],
  },
  {
    name: "both have to consent, and the caller's pattern covers a callee that nobody declares",
    baseline: `settings: { consent: both }\n${shop()
      .replace("calls: {", `calls: { "sh*": {},`)
      .replace("orders: {}", "orders: { callers: [web] }")}`,
    trace: call("web", "shadow"),
    raises: ["unknown-service"],
  },
  {
    name: "a span of a declared service without its caller, where nothing restricts callers",
    baseline: shop(),
    trace: orphan("orders"),
    raises: [],
  },
  {
    name: "a client that is no service of ours, at an address of ours",
    baseline: shop(),
    trace: `orders S#2 {${GET}, client.address=203.0.113.9}`,
    raises: [],
  },
  {
    name: "spans that do not say of which service they are",
    baseline: shop(),
    trace: call("-", "orders"),
    raises: ["undeclared-call"],
  },
  {
    name: "a service asks for what it does not declare",
    baseline: shop(),
    trace: call("web", "orders", "http.request.method=DELETE, http.route=/items"),
    raises: ["undeclared-operation"],
  },
  {
    name: "a service asks for what it declares",
    baseline: shop(),
    trace: call("web", "orders", "http.request.method=POST, http.route=/items"),
    raises: [],
  },
  {
    name: "a service asks for something of which no span says what",
    baseline: shop(),
    trace: "web C#1<9 {peer=orders}; orders S#2<1 {}",
    raises: [],
  },
  {
    name: "a declared caller asks whether its callee is well",
    baseline: shop(),
    trace: call("web", "orders", HEALTH),
    raises: [],
  },
];

const WITH_TOKENS = `
issuers: { corp: { iss: "https://idp.example" } }
`;

/** Calls that the callee, or somebody above both, does not want. */
const CALLERS: readonly JudgementCase[] = [
  {
    name: "a caller that the callee does not list",
    baseline: shop().replace("orders: {}", "orders: { calls: { stock: {} }, callers: [] }"),
    trace: call("web", "orders"),
    raises: ["caller-refused"],
  },
  {
    name: "a caller that the callee lists by a pattern",
    baseline: shop()
      .replace("callers: [orders]", `callers: ["ord*"]`)
      .replace("orders: {}", "orders: { calls: { stock: {} } }"),
    trace: call("orders", "stock"),
    raises: [],
  },
  {
    name: "a service that is not listed asks whether the callee is well",
    baseline: shop(),
    trace: call("web", "stock", HEALTH),
    raises: [],
  },
  {
    name: "traffic from outside to a service that lists its callers and declares it",
    baseline: shop().replace("callers: [orders]", "callers: [orders], ingress: [{ from: internet }]"),
    trace: `stock S#2 {${GET}, http.response.status_code=200, client.address=8.8.8.8}`,
    raises: [],
  },
  {
    name: "a service that lists its callers takes a call from nobody known",
    baseline: shop(),
    trace: orphan("stock", `${GET}, http.response.status_code=200`),
    raises: ["unattributed-call"],
  },
  {
    name: "a service that lists its callers refuses a call from nobody known",
    baseline: shop(),
    trace: orphan("stock", `${GET}, http.response.status_code=403`),
    raises: [],
  },
  {
    name: "nobody known asks whether a service that lists its callers is well",
    baseline: shop(),
    trace: orphan("stock", HEALTH),
    raises: [],
  },
  {
    name: "a service that requires tokens takes a call from nobody known",
    baseline:
      WITH_TOKENS + shop().replace("orders: {}", "orders: { accepts: [{ issuer: corp, audiences: [orders] }] }"),
    trace: orphan("orders", `${GET}, http.response.status_code=200`),
    raises: ["unattributed-call"],
  },
  {
    name: "a service that takes no tokens takes a call from nobody known",
    baseline: shop().replace("orders: {}", "orders: { accepts: [] }"),
    trace: orphan("orders", `${GET}, http.response.status_code=200`),
    raises: [],
  },
  {
    name: "a service that nobody declares takes a call from nobody known",
    baseline: shop(),
    trace: orphan("shadow", `${GET}, http.response.status_code=200`),
    raises: ["unknown-service"],
  },
  {
    name: "a forbidden call that is declared as well",
    baseline: shop(`forbidden: [{ match: { caller: web, callee: orders }, reason: never }]`),
    trace: call("web", "orders"),
    raises: ["forbidden-call"],
  },
  {
    name: "a call to what only others are forbidden to call",
    baseline: shop(`forbidden: [{ match: { caller: stock, callee: orders }, reason: never }]`),
    trace: call("web", "orders"),
    raises: [],
  },
  {
    name: "a call from nobody known to what nobody may call",
    baseline: shop(`
externals: { anybody: { hosts: ["**"] } }
forbidden: [{ match: { caller: "**", callee: orders }, reason: never }]`),
    trace: orphan("orders"),
    raises: [],
  },
];

const inward = (fields: string): string => shop().replace("orders: {}", `orders: { ${fields} }`);
const fromOutside = (attributes: string, address = "8.8.8.8"): string =>
  `orders S#2 {${attributes}, http.response.status_code=200, client.address=${address}}`;

/** What enters and what leaves. */
const BORDERS: readonly JudgementCase[] = [
  {
    name: "traffic from outside to a service that declares none",
    baseline: shop(),
    trace: fromOutside(GET),
    raises: ["undeclared-ingress"],
  },
  {
    name: "traffic from outside for what the entry does not let in",
    baseline: inward(`ingress: [{ from: internet, operations: ["POST /items"] }]`),
    trace: fromOutside(GET),
    raises: ["undeclared-ingress"],
  },
  {
    name: "traffic from outside for what the entry lets in",
    baseline: inward(`ingress: [{ from: internet, operations: ["GET /items"] }]`),
    trace: fromOutside(GET),
    raises: [],
  },
  {
    name: "traffic from outside of which no span says what it asks for",
    baseline: inward(`ingress: [{ from: internet, operations: ["GET /items"] }]`),
    trace: "orders S#2 {client.address=8.8.8.8}",
    raises: [],
  },
  {
    name: "somebody outside asks whether a service is well",
    baseline: shop(),
    trace: fromOutside("http.request.method=GET, http.route=/healthz"),
    raises: [],
  },
  {
    name: "traffic from an address that the baseline calls ours",
    baseline: shop(),
    trace: fromOutside(GET, "203.0.113.9"),
    raises: [],
  },
  {
    name: "a call whose caller was lost, with a person's address handed on to it",
    baseline: shop(),
    trace: orphan("orders", `${GET}, client.address=8.8.8.8`),
    raises: [],
  },
  {
    name: "traffic from outside to a service that nobody declares",
    baseline: shop(),
    trace: fromOutside(GET).replace("orders", "shadow"),
    raises: ["unknown-service"],
  },
  {
    name: "traffic from outside with a token for an entry that takes none and another one that takes any",
    baseline: inward(`ingress: [{ from: partner, token: none }, { from: internet }]`),
    trace: fromOutside(`${GET}, fp=t`),
    raises: [],
  },
  {
    name: "traffic from outside that says it came without a token, where none is expected",
    baseline: inward(`ingress: [{ from: internet, token: none }]`),
    trace: fromOutside(`${GET}, trustdrift.credential.authorization.present=false`),
    raises: [],
  },
  {
    name: "traffic from outside with a token for an entry that another path needs none for",
    baseline: inward(
      `ingress: [{ from: internet, operations: ["GET /items"], token: none }, { from: partner, operations: ["POST /items"] }]`,
    ),
    trace: fromOutside(`${GET}, fp=t`),
    raises: ["undeclared-ingress"],
  },
  {
    name: "an entry that takes no tokens, called from within with one",
    baseline: inward(`ingress: [{ from: internet, token: none }]`),
    trace: call("web", "orders", `${GET}, fp=t, client.address=8.8.8.8`),
    raises: [],
  },
  {
    name: "a service calls a host that nobody declares",
    baseline: shop(),
    trace: "web C#1<9 {http.request.method=POST, server.address=api.paste.example.com}",
    raises: ["undeclared-egress"],
  },
  {
    name: "a service calls a bare public address",
    baseline: shop(),
    trace: "web C#1<9 {http.request.method=POST, server.address=8.8.4.4}",
    raises: ["undeclared-egress"],
  },
  {
    name: "a service calls an external that is declared",
    baseline: shop('externals: { pay: { hosts: ["*.pay.example.com"] } }'),
    trace: "web C#1<9 {http.request.method=POST, server.address=api.pay.example.com}",
    raises: [],
  },
  {
    name: "a service that nobody declares calls a host outside",
    baseline: shop(),
    trace: "shadow C#1<9 {http.request.method=POST, server.address=api.paste.example.com}",
    raises: ["unknown-service"],
  },
  {
    name: "a service that nobody declares fetches the machine's credentials",
    baseline: shop(),
    trace: "shadow C#1<9 {http.request.method=GET, server.address=169.254.169.254}",
    raises: ["unknown-service"],
  },
  {
    name: "the metadata address is declared as an external, and the service does not declare to call it",
    baseline: shop("externals: { metadata: { hosts: [169.254.169.254] } }"),
    trace: "web C#1<9 {http.request.method=GET, server.address=169.254.169.254}",
    raises: ["instance-metadata-credential-fetch"],
  },
  {
    name: "a call that is not declared to a service of ours that answers for the metadata address",
    baseline: shop().replace("orders: {}", "orders: {}\n  metadata-proxy: { aliases: [metadata.google.internal] }"),
    trace: "web C#1<9 {http.request.method=GET, server.address=metadata.google.internal}",
    raises: ["undeclared-call"],
  },
  {
    name: "a service declares to call everything, and fetches the machine's credentials from an undeclared address",
    baseline: shop().replace("calls: {", `calls: { "**": {},`),
    trace: "web C#1<9 {http.request.method=GET, server.address=169.254.169.254}",
    raises: ["instance-metadata-credential-fetch"],
  },
];

const ENVIRONMENTS = `
environments: { prod: { production: true }, staging: {} }
services:
  web: { calls: { orders: {}, idp: {} } }
  orders: {}
  idp: { traits: [environment-neutral], calls: { orders: {} } }
  mail: { uses: { cache: {} } }
datastores: { cache: { system: redis } }
`;
const within = (spans: string, environment: string): string =>
  `${spans} ${environment === "" ? "" : `[deployment.environment.name=${environment}]`}`;
const between = (caller: string, from: string, callee: string, to: string): string =>
  `${within(`${caller} C#1<9 {}`, from)}; ${within(`${callee} S#2<1 {}`, to)}`;

/** Where services run. */
const PLACES: readonly JudgementCase[] = [
  {
    name: "a caller that does not say where it runs",
    baseline: ENVIRONMENTS,
    trace: between("web", "", "orders", "prod"),
    raises: [],
  },
  {
    name: "a callee that does not say where it runs",
    baseline: ENVIRONMENTS,
    trace: between("web", "prod", "orders", ""),
    raises: [],
  },
  {
    name: "an environment-neutral service calls into production",
    baseline: ENVIRONMENTS,
    trace: between("idp", "staging", "orders", "prod"),
    raises: [],
  },
  {
    name: "two services that nobody declares call each other across environments",
    baseline: ENVIRONMENTS,
    trace: between("shadow", "staging", "dusk", "prod"),
    raises: ["unknown-service"],
  },
  {
    name: "a service that nobody declares calls production from staging",
    baseline: ENVIRONMENTS,
    trace: between("shadow", "staging", "orders", "prod"),
    raises: ["cross-environment-call", "undeclared-call", "unknown-service"],
  },
  {
    name: "production calls a service in staging that nobody declares",
    baseline: ENVIRONMENTS,
    trace: between("web", "prod", "shadow", "staging"),
    raises: ["cross-environment-call", "undeclared-call", "unknown-service"],
  },
  {
    name: "a service that nobody declares runs where nobody declares anything",
    baseline: ENVIRONMENTS,
    trace: between("shadow", "qa", "dusk", "qa"),
    raises: ["unknown-service"],
  },
  {
    name: "a datastore in an environment that nobody declares, used from there",
    baseline: ENVIRONMENTS,
    trace: within("mail C#1<9 {db.system.name=redis, server.address=cache}", "qa"),
    raises: ["unknown-environment"],
  },
  {
    name: "a caller in an environment that nobody declares",
    baseline: ENVIRONMENTS,
    trace: between("web", "qa", "idp", "prod"),
    raises: ["unknown-environment"],
  },
  {
    name: "environments where the baseline names none",
    baseline: "services: { web: { calls: { orders: {} } }, orders: {} }",
    trace: between("web", "qa", "orders", "qa"),
    raises: [],
  },
  {
    name: "a call from outside into production, of which nobody says whence",
    baseline: ENVIRONMENTS.replace("orders: {}\n  idp", "orders: { ingress: [{ from: internet }] }\n  idp"),
    trace: within("orders S#2 {client.address=8.8.8.8}", "prod"),
    raises: [],
  },
];

/** Which paths there may be. */
export const CALL_CASES: readonly JudgementCase[] = [...CALLS, ...CALLERS, ...BORDERS, ...PLACES];
