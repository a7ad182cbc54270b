import type { CaseStep, JudgementCase } from "../judgement-case.ts";

const DAY_S = 86_400;

const shop = (stock = "", web = "", rest = ""): string => `
settings: { staleAfter: 7d }
services:
  web: { calls: { orders: {}, stock: { ${stock} } }, ${web} }
  orders: {}
  stock: {}
${rest}`;

const call = (callee: string, trace: number): string =>
  `web C#1<9@${trace} {peer=${callee}}; ${callee} S#2<1@${trace} {}`;
const BOTH = `${call("orders", 1)}; ${call("stock", 2)}`;

/** Web calls orders once more, and the declarations are reviewed. */
const review = (days: number, trace = call("orders", 9)): CaseStep => ({
  afterS: days * DAY_S,
  trace,
  isReviewed: true,
});

/** What is declared, and nobody does. */
const CALLS: readonly JudgementCase[] = [
  {
    name: "a call that was not made for eight days, while its caller makes others",
    baseline: shop(),
    trace: BOTH,
    later: [review(8)],
    raises: ["stale-declaration"],
  },
  {
    name: "a call that was never made, by a caller that makes others",
    baseline: shop(),
    trace: call("orders", 1),
    later: [review(8)],
    raises: ["stale-declaration"],
  },
  {
    name: "a call that was made three days ago",
    baseline: shop(),
    trace: BOTH,
    later: [{ afterS: 5 * DAY_S, trace: call("stock", 3) }, review(3)],
    raises: [],
  },
  {
    name: "a call that was made a week ago to the second",
    baseline: shop(),
    trace: BOTH,
    later: [review(7)],
    raises: [],
  },
  {
    name: "a call that was never made, in the collector's first days",
    baseline: shop(),
    trace: call("orders", 1),
    later: [review(6)],
    raises: [],
  },
  {
    name: "a call that was never made since the collector began, a week ago to the second",
    baseline: shop(),
    trace: call("orders", 1),
    later: [review(7)],
    raises: ["stale-declaration"],
  },
  {
    name: "a caller of which nothing is heard any more",
    baseline: shop(),
    trace: BOTH,
    later: [review(8, "orders C#1<9@9 {peer=orders}; orders S#2<1@9 {}")],
    raises: [],
  },
  {
    name: "a caller that makes no calls",
    baseline: shop(),
    trace: call("orders", 1),
    later: [review(8, "stock S#1@9 {client.address=10.0.0.7}")],
    raises: [],
  },
  {
    name: "a yearly call that was not made for a month",
    baseline: shop("frequency: yearly"),
    trace: BOTH,
    later: [review(30)],
    raises: [],
  },
  {
    name: "a rare call that was not made for eight days",
    baseline: shop("frequency: rare"),
    trace: BOTH,
    later: [review(8)],
    raises: [],
  },
  {
    name: "a rare call that was not made for a month",
    baseline: shop("frequency: rare"),
    trace: BOTH,
    later: [review(30)],
    raises: ["stale-declaration"],
  },
  {
    name: "the calls of a service that was retired in the meantime",
    baseline: shop("", `lifecycle: { state: retired, since: "2026-06-08" }`),
    trace: BOTH,
    later: [{ afterS: 5 * DAY_S, trace: call("orders", 9) }, review(3, "")],
    raises: [],
  },
  {
    name: "the calls of a service that is to be retired, and with it all that it declares",
    baseline: shop("", `lifecycle: { state: retired, since: "2026-08-01" }`),
    trace: BOTH,
    later: [review(8)],
    raises: [],
  },
  {
    name: "a pattern of callees, one of which was called",
    baseline: shop().replace("stock: {  }", `"st*": {}`),
    trace: BOTH,
    later: [{ afterS: 5 * DAY_S, trace: call("stock", 3) }, review(3)],
    raises: [],
  },
  {
    name: "a pattern of callees, none of which was called",
    baseline: shop().replace("stock: {  }", `"st*": {}`),
    trace: BOTH,
    later: [review(8)],
    raises: ["stale-declaration"],
  },
  {
    name: "a pattern of callees, one of which was called lately and one long ago",
    baseline: shop().replace("stock: {  }", `"st*": {}`).replace("  stock: {}", "  stock: {}\n  store: {}"),
    trace: `${BOTH}; ${call("store", 3)}`,
    later: [{ afterS: 5 * DAY_S, trace: call("stock", 4) }, review(3)],
    raises: [],
  },
  {
    name: "a call that is made for something else than it was",
    baseline: shop(),
    trace: BOTH,
    later: [{ afterS: 5 * DAY_S, trace: call("stock", 3).replace("{}", "{http.route=/items}") }, review(3)],
    raises: [],
  },
  {
    name: "a call that is made for one of two things still",
    baseline: shop(),
    trace: `${BOTH}; ${call("stock", 3).replace("{}", "{http.route=/items}")}`,
    later: [{ afterS: 5 * DAY_S, trace: call("stock", 4) }, review(3)],
    raises: [],
  },
  {
    name: "a call that a span named, and that another service turned out to have answered",
    baseline: shop(),
    trace: BOTH,
    later: [
      { afterS: 5 * DAY_S, trace: "web C#1<9@3 {peer=stock}" },
      { afterS: 20, trace: "orders S#2<1@3 {}" },
      review(3),
    ],
    raises: ["stale-declaration"],
  },
  {
    name: "a stale call that its owner takes out of the baseline",
    baseline: shop(),
    trace: call("orders", 1),
    later: [review(8), { afterS: 60, baseline: shop().replace(", stock: {  }", "") }],
    raises: [],
  },
  {
    name: "a stale call that stays in the baseline when that changes elsewhere",
    baseline: shop(),
    trace: BOTH,
    later: [review(8), { afterS: 60, baseline: shop("", "", "externals: { mail: { hosts: [mail.example] } }") }],
    raises: ["stale-declaration"],
  },
];

const excepting = (fields: string): string =>
  shop(
    "",
    "",
    `
exceptions:
  - { id: EX-1, match: { rule: undeclared-call, caller: orders, callee: stock }, reason: move, owner: web, ${fields} }`,
  );
const IN_DATE = `created: "2026-05-01", expires: "2026-07-15"`;
/** What the exception is for. */
const excepted = (trace: number): string => `orders C#1<9@${trace} {peer=stock}; stock S#2<1@${trace} {}`;
/** Both declared calls, and the declarations are reviewed. */
const busy = (days: number): CaseStep => review(days, `${call("orders", 8)}; ${call("stock", 9)}`);

/** What is excepted, and nobody does. */
const EXCEPTIONS: readonly JudgementCase[] = [
  {
    name: "an exception that has never held anything back",
    baseline: excepting(IN_DATE),
    trace: BOTH,
    later: [busy(8)],
    raises: ["exception-unused"],
  },
  {
    name: "an exception that held something back eight days ago",
    baseline: excepting(IN_DATE),
    trace: excepted(1),
    later: [busy(8)],
    raises: ["exception-unused"],
  },
  {
    name: "an exception that held something back three days ago",
    baseline: excepting(IN_DATE),
    trace: BOTH,
    later: [{ afterS: 5 * DAY_S, trace: excepted(3) }, busy(3)],
    raises: [],
  },
  {
    name: "an exception that held nothing back in the collector's first week",
    baseline: excepting(IN_DATE),
    trace: BOTH,
    later: [busy(7)],
    raises: [],
  },
  {
    name: "an exception that began three days ago",
    baseline: excepting(`created: "2026-06-06", expires: "2026-07-15"`),
    trace: BOTH,
    later: [busy(8)],
    raises: [],
  },
  {
    name: "an exception of which nobody knows when it began",
    baseline: excepting(`expires: "2026-07-15"`),
    trace: BOTH,
    later: [busy(8)],
    raises: [],
  },
  {
    name: "an unused exception that has ended",
    baseline: excepting(`created: "2026-05-01", expires: "2026-06-07"`),
    trace: BOTH,
    later: [busy(8)],
    raises: [],
  },
  {
    name: "an unused exception that its owner takes out of the baseline",
    baseline: excepting(IN_DATE),
    trace: BOTH,
    later: [busy(8), { afterS: 60, baseline: shop() }],
    raises: [],
  },
];

const UNSEEN = "web C#1<9@3 {peer=orders}";

/** Who is called, and is not heard. */
const SERVICES: readonly JudgementCase[] = [
  {
    name: "a declared service that is called and sends no spans",
    baseline: shop(),
    trace: `${call("stock", 1)}; ${UNSEEN}`,
    later: [review(1, call("stock", 9))],
    raises: ["blind-spot"],
  },
  {
    name: "a declared service that is called and sends no spans, in the collector's first hours",
    baseline: shop(),
    trace: `${call("stock", 1)}; ${UNSEEN}`,
    later: [{ afterS: DAY_S / 2, isReviewed: true }],
    raises: [],
  },
  {
    name: "a service whose spans are there for some of its calls",
    baseline: shop(),
    trace: `${BOTH}; ${UNSEEN}`,
    later: [review(2)],
    raises: [],
  },
  {
    name: "a service that shows the calls it makes, and none that it takes",
    baseline: shop(),
    trace: `${call("stock", 1)}; ${UNSEEN}; orders C#1<9@5 {peer=orders}`,
    later: [review(2, call("stock", 9))],
    raises: [],
  },
  {
    name: "a service without spans that nobody has called for long",
    baseline: shop(),
    trace: `${call("stock", 1)}; ${UNSEEN}`,
    later: [
      { afterS: 60 },
      { afterS: 8 * DAY_S, trace: "stock C#1<9@9 {peer=stock}; stock S#2<1@9 {}", isReviewed: true },
    ],
    raises: [],
  },
  {
    name: "a datastore in use that bears the name of a service without spans",
    baseline: shop("", "uses: { orders: {} }", "datastores: { orders: { system: redis } }"),
    trace: `${call("stock", 1)}; web C#1<9@3 {db.system.name=redis, server.address=orders}`,
    later: [review(2, call("stock", 9))],
    raises: [],
  },
  {
    name: "a service without spans that nobody declares",
    baseline: shop().replace("  orders: {}\n", ""),
    trace: `${call("stock", 1)}; ${UNSEEN}`,
    later: [review(2, call("stock", 9))],
    raises: ["unknown-service"],
  },
  {
    name: "a service that is not to be instrumented",
    baseline: shop(
      "",
      "",
      `
exceptions:
  - { id: EX-2, match: { rule: blind-spot, service: orders }, reason: bought, owner: web, expires: "2026-07-15" }`,
    ),
    trace: `${call("stock", 1)}; ${UNSEEN}`,
    later: [review(2, call("stock", 9))],
    raises: [],
  },
  {
    name: "a blind spot that nobody declares any more",
    baseline: shop(),
    trace: `${call("stock", 1)}; ${UNSEEN}`,
    later: [
      review(2, call("stock", 9)),
      { afterS: 60, baseline: shop().replace("  orders: {}\n", "").replace("orders: {},", "") },
    ],
    raises: ["undeclared-call", "unknown-service"],
  },
];

/** What a look at all declarations shows, once a day. */
export const REVIEW_CASES: readonly JudgementCase[] = [...CALLS, ...EXCEPTIONS, ...SERVICES];
