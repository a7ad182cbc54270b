import type { JudgementCase } from "../judgement-case.ts";

const SHOP = `
services:
  web: { ingress: [{ from: internet }], calls: { orders: {} } }
  orders: { calls: { stock: {} } }
  stock: { aliases: [stock-canary] }
`;
const HOUR_S = 3_600;
const WEEK = 168;

/** One arrival an hour: what `each` draws. */
function hourly(hours: number, each: (hour: number) => string): Pick<JudgementCase, "trace" | "later"> {
  const drawings = Array.from({ length: hours }, (_, hour) => each(hour));
  const [trace = "", ...rest] = drawings;
  return { trace, later: rest.map((drawing) => ({ afterS: HOUR_S, trace: drawing })) };
}

/** A call from orders to stock in a trace of its own, beside one from web that shows its own life. */
function call(hour: number, callee = "stock", attributes = ""): string {
  const at = `@${hour + 1}`;
  return `orders C#1<9${at} {server.address=stock, server.port=8080}; ${callee} S#2<1${at} {${attributes}}`;
}

function alive(hour: number): string {
  return `web I#3<9@${hour + 1}`;
}

/** So many called spans of stock, in one trace. */
function calls(hour: number, count: number, attributes: string): string {
  const spans = Array.from({ length: count }, (_, index) => {
    const at = `@${hour + 1}`;
    return `orders C#${10 + 2 * index}<9${at} {peer=stock}; stock S#${11 + 2 * index}<${10 + 2 * index}${at} {${attributes}}`;
  });
  return spans.join("; ");
}

const LEAK = "ghp_0123456789abcdefABCDEF0123456789abcd";
/** The header of a JWT and its claims; without the signature it opens nothing. */
const UNSIGNED = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ3ZWIifQ";

const NEUTRAL = "services: { web: { calls: { logs: {} } }, logs: { traits: [environment-neutral] } }";
const ACCOUNTS = (accounts: string): string =>
  `services: { web: {}, logs: { identity: { kubernetes: [${accounts}] } } }`;

/** Two pods of the service logs, which differ in one attribute of theirs, the second one so many seconds later. */
function places(attribute: string, afterS = 60): Pick<JudgementCase, "trace" | "later"> {
  const draw = (id: number, place: string) => `logs S#${id}@${id} [${attribute}=${place}]`;
  return { trace: draw(1, "one"), later: [{ afterS, trace: draw(2, "two") }] };
}

/** One span of orders, sent twice, with these attributes of the sender. */
function twice(one: string, other: string): Pick<JudgementCase, "trace"> {
  return { trace: `orders S#1 [${one}]; orders S#1 [${other}]` };
}

/** A drawing whose spans are then waited for until nobody waits any more. */
function forGood(trace: string): Pick<JudgementCase, "trace" | "later" | "windowS"> {
  return { trace, windowS: 600, later: [{ afterS: 700, trace: "web I#90<91@90" }] };
}

const CALLED = "http.request.method=GET, http.route=/, http.response.status_code=200";

/** Senders and the spans they make up, mix up or give away. */
const SENDERS: readonly JudgementCase[] = [
  {
    name: "a raw key in an attribute that nobody asked for",
    baseline: SHOP,
    trace: `orders S#1 {app.note=${LEAK}}`,
    raises: ["raw-credential-in-telemetry"],
  },
  {
    name: "a raw key in a resource's attribute",
    baseline: SHOP,
    trace: `orders S#1 [process.command_line=deploy --token ${LEAK}]`,
    raises: ["raw-credential-in-telemetry"],
  },
  {
    name: "a token without its signature in an attribute",
    baseline: SHOP,
    trace: `orders S#1 {app.note=${UNSIGNED}}`,
    raises: [],
  },
  {
    name: "a token in the header that was asked for",
    baseline: SHOP,
    trace: `orders S#1 {tok=T}`,
    tokens: { T: { claims: { iss: "https://idp.example", aud: "orders", sub: "x", client_id: "x" } } },
    raises: ["non-expiring-credential"],
  },
  {
    name: "a raw key in the spans of a service that nobody declares",
    baseline: SHOP,
    trace: `other I#1<9 {app.note=${LEAK}}`,
    raises: [],
  },
  {
    name: "one span from two programs in two languages",
    baseline: SHOP,
    ...twice("telemetry.sdk.language=java", "telemetry.sdk.language=python"),
    raises: ["span-identity-conflict"],
  },
  {
    name: "one span that was sent again",
    baseline: SHOP,
    ...twice("telemetry.sdk.language=java", "telemetry.sdk.language=java"),
    raises: [],
  },
  {
    name: "one span that a pipeline sends with a release and without",
    baseline: SHOP,
    ...twice("telemetry.sdk.language=java, service.version=7", "telemetry.sdk.language=java"),
    raises: [],
  },
  {
    name: "one span from a service and from the proxy that speaks in its name",
    baseline: SHOP.replace("calls: { stock: {} }", "traits: [proxy], calls: { stock: {} }"),
    ...twice("telemetry.sdk.language=java", "telemetry.sdk.language=cpp"),
    raises: [],
  },
  {
    name: "one span of a service that nobody declares, from two programs",
    baseline: SHOP.replace("  orders: { calls: { stock: {} } }\n", ""),
    trace: "orders I#1<9 [telemetry.sdk.language=java]; orders I#1<9 [telemetry.sdk.language=python]",
    raises: [],
  },
  {
    name: "a service of one name in two namespaces of a cluster",
    baseline: ACCOUNTS("shop/logs"),
    ...places("k8s.namespace.name"),
    raises: ["service-name-conflict"],
  },
  {
    name: "a service of one name in two accounts of a cloud",
    baseline: ACCOUNTS("one/logs, two/logs"),
    ...places("cloud.account.id"),
    raises: ["service-name-conflict"],
  },
  {
    name: "a service that says that it is in two namespaces",
    baseline: ACCOUNTS("one/logs, two/logs"),
    ...places("k8s.namespace.name"),
    raises: [],
  },
  {
    name: "a service that serves all places, and is in two namespaces",
    baseline: NEUTRAL,
    ...places("k8s.namespace.name"),
    raises: [],
  },
  {
    name: "a service that moved to another namespace",
    baseline: ACCOUNTS("shop/logs"),
    ...places("k8s.namespace.name", 700),
    raises: [],
  },
  {
    name: "an application and its web page under one name",
    baseline: ACCOUNTS("shop/logs"),
    ...places("telemetry.sdk.language"),
    raises: [],
  },
  {
    name: "a service of one name in two namespaces, which nobody declares",
    baseline: "services: { web: {} }",
    trace: "logs I#1<9@1 [k8s.namespace.name=one]; logs I#2<9@2 [k8s.namespace.name=two]",
    raises: [],
  },
  {
    name: "a caller from outside chooses the trace",
    baseline: SHOP,
    ...forGood(`web S#1<9 {${CALLED}}`),
    raises: ["untrusted-trace-parent"],
  },
  {
    name: "a caller from outside begins no trace",
    baseline: SHOP,
    ...forGood(`web S#1 {${CALLED}}`),
    raises: [],
  },
  {
    name: "a browser's spans go to somebody else",
    baseline: SHOP.replace("from: internet", "from: browser"),
    ...forGood(`web S#1<9 {${CALLED}}`),
    raises: [],
  },
  {
    name: "a lost parent at a service that is called from inside as well",
    baseline: SHOP.replace("calls: { stock: {} }", "calls: { stock: {}, web: {} }"),
    ...forGood(`web S#1<9 {${CALLED}}`),
    raises: [],
  },
  {
    name: "a lost parent at a service that nobody outside calls",
    baseline: SHOP,
    ...forGood(`orders S#1<9 {${CALLED}}`),
    raises: [],
  },
];

/** A thousand spans of orders. */
const THOUSAND = Array.from({ length: 1000 }, (_, index) => `orders I#${100 + index}<99@1`).join("; ");

/** A week of one span an hour, an hour in which a thousand spans come so often, and the beginning of the next one. */
function flood(name: string, times: number, rest: Partial<JudgementCase> = {}, hours = WEEK): JudgementCase {
  const week = hourly(hours, (hour) => `orders I#4<9@${1000 + hour}`);
  const last = [
    { afterS: HOUR_S, trace: THOUSAND, times },
    { afterS: HOUR_S, trace: "orders I#4<9@2000" },
  ];
  return { name, baseline: SHOP, trace: week.trace, later: [...(week.later ?? []), ...last], raises: [], ...rest };
}

function busyFirst(): Partial<JudgementCase> {
  const { trace, later = [] } = flood("", 361);
  const [second, ...rest] = later;
  return { trace, later: second === undefined ? [] : [{ ...second, trace: THOUSAND, times: 19 }, ...rest] };
}

const RATES: readonly JudgementCase[] = [
  flood("a service floods: in an hour a hundred spans a second, after a week of one an hour", 361, {
    raises: ["telemetry-flood"],
  }),
  flood("a service floods on its sixth day", 361, {}, 130),
  flood("a service floods, and did nearly as much on the first day of the week", 361, busyFirst()),
  {
    name: "a service is retired, and falls silent that day",
    baseline: SHOP.replace("\n  orders: {", '\n  orders: { lifecycle: { state: retired, since: "2026-06-08" },'),
    ...hourly(WEEK + 3, (hour) => (hour < WEEK ? `orders I#5<9@${hour + 1}; ${alive(hour)}` : alive(hour))),
    raises: [],
  },
  {
    name: "a service of which much is heard falls silent",
    baseline: SHOP,
    ...hourly(WEEK + 4, (hour) => `${hour < WEEK ? calls(hour, 100, "") : ""}; ${alive(hour)}`),
    raises: ["telemetry-silent"],
  },
  {
    name: "a service that nobody declares falls silent",
    baseline: SHOP,
    ...hourly(WEEK + 3, (hour) => (hour < WEEK ? `other I#5<9@${hour + 1}; ${alive(hour)}` : alive(hour))),
    raises: [],
  },
  {
    name: "a service of which little is heard is heard less of",
    baseline: SHOP,
    ...hourly(WEEK + 4, (hour) => calls(hour, hour < WEEK ? 30 : 2, "")),
    raises: [],
  },
  {
    name: "a service's credentials are no longer seen, on few calls",
    baseline: SHOP,
    ...hourly(WEEK + 25, (hour) => calls(hour, 4, hour < WEEK ? "fp=t" : "")),
    raises: [],
  },
  {
    name: "a service whose credentials were seen on six days of the week only",
    baseline: SHOP,
    ...hourly(WEEK + 25, (hour) => calls(hour, 10, hour < WEEK && Math.floor(hour / 24) !== 3 ? "fp=t" : "")),
    raises: [],
  },
  {
    name: "a service whose credentials were hardly ever seen",
    baseline: SHOP,
    ...hourly(WEEK + 25, (hour) =>
      hour < WEEK && hour % 24 === 0 ? `${calls(hour, 1, "fp=t")}; ${call(hour)}` : calls(hour, 10, ""),
    ),
    raises: [],
  },
  flood("a service sends a thousand times more than a week long, and still little", 1),
];

/** Who answers at stock's address: first the one, and a minute later the other. */
function answers(name: string, services: readonly [string, string], rest: Partial<JudgementCase> = {}): JudgementCase {
  const [first, second] = services;
  const got = "http.request.method=GET";
  return {
    name,
    baseline: SHOP,
    trace: call(0, first, got),
    later: [{ afterS: 60, trace: call(1, second, got) }],
    raises: [],
    ...rest,
  };
}

const ADDRESSES: readonly JudgementCase[] = [
  answers("the service itself goes on answering at its address", ["stock", "stock"]),
  answers("another service answers at an address at which its own never did", ["web", "web"], {
    raises: ["undeclared-call"],
  }),
  answers("another service answered at a service's address before it came back", ["web", "stock"], {
    raises: ["endpoint-identity-drift", "undeclared-call"],
  }),
  answers("a gateway begins to answer in a service's place", ["stock", "web"], {
    baseline: SHOP.replace("web: {", "web: { traits: [gateway],"),
    raises: ["undeclared-call"],
  }),
  answers("a proxy begins to answer in a service's place", ["stock", "web"], {
    baseline: SHOP.replace("web: {", "web: { traits: [proxy],"),
    raises: ["undeclared-call"],
  }),
  answers("another service answers at a gateway's address", ["stock", "web"], {
    baseline: SHOP.replace("\n  stock: {", "\n  stock: { traits: [gateway],").replace(
      "stock: {} }",
      "stock: {}, web: {} }",
    ),
  }),
  answers("a service that nobody declares begins to answer at a service's address", ["stock", "thief"], {
    raises: ["endpoint-identity-drift", "undeclared-call", "unknown-service"],
  }),
  answers("another service begins to answer at an address that nobody declares", ["stock", "web"], {
    baseline: SHOP.replaceAll("stock", "store"),
    raises: ["undeclared-call", "unknown-service"],
  }),
];

/** What senders and their spans are, and whether they go on. */
export const TELEMETRY_CASES: readonly JudgementCase[] = [
  {
    name: "another service begins to answer at a service's address",
    baseline: SHOP,
    trace: call(0),
    later: [{ afterS: 60, trace: call(1, "web", "http.request.method=GET") }],
    raises: ["endpoint-identity-drift", "undeclared-call"],
  },
  {
    name: "a client follows a redirect to another service within one span",
    baseline: `
services:
  web: { calls: { orders: {}, stock: {} } }
  orders: {}
  stock: {}
`,
    trace: "web C#1<9 {server.address=orders, server.port=80}; orders S#2<1",
    later: [
      { afterS: 60, trace: "web C#1<9@2 {server.address=orders, server.port=80}; orders S#2<1@2; stock S#3<1@2" },
    ],
    raises: [],
  },
  {
    name: "a declared canary answers at its service's address",
    baseline: SHOP,
    trace: call(0),
    later: [{ afterS: 60, trace: call(1, "stock-canary", "http.request.method=GET") }],
    raises: [],
  },
  {
    name: "several services answer behind a gateway that sends no spans",
    baseline: `
services:
  web: { calls: { stock: {}, orders: {}, gw: {} } }
  gw: { traits: [gateway] }
  orders: {}
  stock: {}
`,
    trace: "web C#1<9 {server.address=gw, server.port=80}; orders S#2<1",
    later: [{ afterS: 60, trace: "web C#1<9@2 {server.address=gw, server.port=80}; stock S#2<1@2" }],
    raises: [],
  },
  {
    name: "a caller from outside brings a trace along",
    baseline: SHOP,
    trace: "web S#1<9",
    later: [{ afterS: 25 * HOUR_S, trace: "web I#1@5" }],
    raises: ["untrusted-trace-parent"],
  },
  {
    name: "a service that the outside calls consumes a message whose producer sends no spans",
    baseline: SHOP,
    trace: "web K#1<9; web K#2<8@2 {messaging.system=kafka, messaging.destination.name=placed}",
    later: [{ afterS: 25 * HOUR_S, trace: "web I#1@5" }],
    raises: [],
  },
  {
    name: "a service falls silent after a week while others are heard",
    baseline: SHOP,
    ...hourly(WEEK + 3, (hour) =>
      hour < WEEK ? `${call(hour)}; ${alive(hour)}` : `${alive(hour)}; orders I#4<9@${hour + 1}`,
    ),
    raises: ["telemetry-silent"],
  },
  {
    name: "a service that runs once a day is not heard for two hours",
    baseline: SHOP,
    ...hourly(WEEK + 3, (hour) =>
      hour % 24 === 0 ? `${call(hour)}; ${alive(hour)}` : `${alive(hour)}; orders I#4<9@${hour + 1}`,
    ),
    raises: [],
  },
  {
    name: "a service is heard less and less of",
    baseline: SHOP,
    ...hourly(WEEK + 4, (hour) => calls(hour, hour < WEEK ? 100 : 9, "")),
    raises: ["telemetry-thinned"],
  },
  {
    name: "a service is heard little of every night",
    baseline: SHOP,
    ...hourly(WEEK + 7, (hour) => calls(hour, hour % 24 < 6 ? 9 : 100, "")),
    raises: [],
  },
  {
    name: "a service's credentials are no longer seen",
    baseline: SHOP,
    ...hourly(WEEK + 25, (hour) => calls(hour, 10, hour < WEEK ? "fp=t" : "")),
    raises: ["credential-visibility-lost"],
  },
  {
    name: "a service's credentials are masked from one day on",
    baseline: SHOP,
    ...hourly(WEEK + 25, (hour) => calls(hour, 10, hour < WEEK ? "fp=t" : "hdr.authorization=[REDACTED]")),
    raises: [],
  },
  ...SENDERS,
  ...RATES,
  ...ADDRESSES,
];
