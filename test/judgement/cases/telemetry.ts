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
];
