import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import { seedBaseline } from "../../src/declare/seed-baseline.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { ObservedEdge } from "../../src/model/store.ts";

const EDGE: ObservedEdge = {
  environment: "prod",
  caller: "web",
  callerKind: "service",
  callee: "cart",
  calleeKind: "service",
  type: "direct",
  via: null,
  operations: [],
  audiences: [],
  confidence: "paired",
  count: 1,
  estimated: 1,
  counts: { paired: 1, parent: 0, link: 0, alias: 0, peer: 0, root: 0 },
  firstSeen: "2026-01-01T00:00:00.000Z",
  lastSeen: "2026-01-01T00:00:00.000Z",
};

function seed(...edges: readonly Partial<ObservedEdge>[]): ReturnType<typeof seedBaseline> {
  return seedBaseline({ name: "demo", edges: edges.map((edge) => ({ ...EDGE, ...edge })) });
}

function load(text: string): Baseline {
  const { baseline, problems } = parseBaseline([{ path: "seed.yaml", text }]);
  if (baseline === null) throw new Error(JSON.stringify(problems));
  return baseline;
}

test("what was observed becomes a baseline, sorted and merged over environments", () => {
  const { text, leftOut } = seed(
    { caller: "external", callerKind: "external", callee: "web", operations: ["GET /"], confidence: "root" },
    { operations: ["POST /carts", "GET /carts/{id}"], audiences: ["https://cart.example"] },
    { operations: ["DELETE /carts/{id}"], environment: "staging" },
    {
      caller: "cart",
      callee: "db:redis/cache:6379",
      calleeKind: "datastore",
      operations: ["query:carts"],
      confidence: "peer",
    },
    {
      caller: "cart",
      callee: "api.pay.example:8443",
      calleeKind: "external",
      operations: ["POST /pay"],
      confidence: "peer",
    },
    { caller: "cart", callee: "mailer", type: "logical", via: "mq:kafka/mails", operations: ["publish:mails"] },
  );
  expect(leftOut).toEqual([]);
  expect(text).toBe(`# Observed, not yet decided: review every line before it is loaded.

apiVersion: trustdrift/v1
kind: Baseline
metadata:
  name: demo
services:
  cart:
    calls:
      api.pay.example:
        operations:
          - "POST /pay"
      mailer:
        operations:
          - "publish:mails"
    uses:
      "db:redis/cache:6379":
        collections:
          - carts
  mailer: {}
  web:
    calls:
      cart:
        operations:
          - "DELETE /carts/{id}"
          - "GET /carts/{id}"
          - "POST /carts"
        token:
          audiences:
            - "https://cart.example"
    ingress:
      - from: internet
        operations:
          - "GET /"
datastores:
  "db:redis/cache:6379":
    system: redis
    match:
      address: cache
externals:
  api.pay.example:
    hosts:
      - api.pay.example
`);
  expect(parseBaseline([{ path: "seed.yaml", text }]).problems).toEqual([]);
});

test.each<[string, Partial<ObservedEdge>, string]>([
  ["one side's word", { confidence: "peer" }, '"web" -> "cart" is left out: only one side was seen'],
  [
    "an unresolved host",
    { callee: "ext:(ip)", calleeKind: "external" },
    '"web" -> "ext:(ip)" is left out: a name is unresolved',
  ],
  ["folded services", { caller: "(other)" }, '"(other)" -> "cart" is left out: a name is unresolved'],
  [
    "a topic",
    { callee: "mq:kafka/mails", calleeKind: "broker", type: "destination" },
    '"web" -> "mq:kafka/mails" is left out: topics and queues are for people to declare',
  ],
  ["a name that is a pattern", { callee: "**" }, '"web" -> "**" is left out: the baseline would read it as a pattern'],
])("%s is left out, and said", (_, edge, sentence) => {
  const { text, leftOut } = seed(edge);
  expect(leftOut).toEqual([sentence]);
  expect(load(text).services.size).toBe(0);
});

test("a datastore is declared by its place, never by its system alone", () => {
  const places = (callee: string) => {
    const datastore = load(seed({ callee, calleeKind: "datastore", confidence: "peer" }).text).datastores.get(callee);
    return [datastore?.system, datastore?.address?.text];
  };
  expect(places("db:redis/cache:6379")).toEqual(["redis", "cache"]);
  expect(places("db:postgresql/[fd00::1]:5432")).toEqual(["postgresql", "fd00::1"]);
  expect(places("db:orders")).toEqual([null, "orders"]);
  expect(places("db:redis/")).toEqual(["redis", "db:redis/"]);
  expect(places("orders-db")).toEqual([null, undefined]);
});

test("where all that was seen is left out, nothing is declared rather than everything", () => {
  const { text, leftOut } = seed({ operations: ["(other)"], audiences: ["*"] });
  expect(leftOut).toEqual([
    '"web" -> "cart": audience "*" is left out: the baseline would read it as a pattern',
    '"web" -> "cart": operation "(other)" is left out: a name is unresolved',
  ]);
  const call = load(text).services.get("web")?.calls[0];
  expect([call?.operations, call?.token?.audiences]).toEqual([[], []]);
});

const oddName = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "<<",
    "yes",
    "null",
    "1.0",
    "~",
    "0x1f",
    "a: b",
    '"',
    "'",
    "#",
    "- x",
    "? y",
    "a/b",
  ),
  fc.constantFrom(
    "&a",
    "!t",
    "@x",
    "%y",
    "|",
    ">",
    "",
    " ",
    "a\nb",
    "\u0000",
    "ключ",
    "{a,b}",
    "*",
    "(other)",
    "x".repeat(1100),
    "db:redis/",
    "db:",
    "db:redis/h:1",
    "orders:5432",
  ),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
);
const names = fc.array(oddName, { maxLength: 3 });
const edge: fc.Arbitrary<ObservedEdge> = fc
  .record({
    caller: oddName,
    callee: oddName,
    callerKind: fc.constantFrom("service", "external"),
    calleeKind: fc.constantFrom("service", "datastore", "broker", "external"),
    operations: names,
    audiences: names,
    confidence: fc.constantFrom("paired", "parent", "link", "alias", "peer", "root"),
  })
  .map((odd) => ({ ...EDGE, ...odd, callee: odd.calleeKind === "external" ? withoutPort(odd.callee) : odd.callee }));

test("a seeded baseline has no errors and declares every edge that was not left out, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 8 }), oddName, (edges, name) => {
      const { text, leftOut } = seedBaseline({ edges, name });
      const baseline = load(text);
      for (const observed of edges) checkDeclared(observed, baseline, leftOut);
      checkNothingElse(edges, baseline);
    }),
    { numRuns: 500 },
  );
});

function checkDeclared(observed: ObservedEdge, baseline: Baseline, leftOut: readonly string[]): void {
  const arrow = arrowOf(observed);
  if (leftOut.some((sentence) => sentence.startsWith(`${arrow} is left out`))) return;
  const isOut = (what: string) => leftOut.some((sentence) => sentence.startsWith(`${arrow}: ${what} is left out`));
  const operations = observed.operations.filter((operation) => !isOut(`operation ${quoted(operation)}`));
  const audiences = observed.audiences.filter((audience) => !isOut(`audience ${quoted(audience)}`));
  const service = baseline.services.get(observed.caller);
  if (observed.callerKind === "external") {
    const entry = baseline.services.get(observed.callee)?.ingress.find(({ from }) => from === observed.caller);
    expect(operations.filter((one) => entry?.operations?.every(({ matches }) => !matches(one)))).toEqual([]);
    expect(entry).toBeDefined();
    return;
  }
  if (observed.calleeKind === "datastore") {
    expect(baseline.datastores.has(observed.callee)).toBe(true);
    expect(service?.uses.has(observed.callee)).toBe(true);
    return;
  }
  const call = service?.calls.find(({ callee }) => callee.matches(observed.callee));
  expect(call).toBeDefined();
  expect(operations.filter((one) => call?.operations?.every(({ matches }) => !matches(one)))).toEqual([]);
  expect(audiences.filter((one) => call?.token?.audiences?.every(({ matches }) => !matches(one)))).toEqual([]);
  const known = observed.calleeKind === "external" ? baseline.externals : baseline.services;
  expect(known.has(observed.callee)).toBe(true);
}

function checkNothingElse(edges: readonly ObservedEdge[], baseline: Baseline): void {
  const pairs = new Set(edges.map(({ caller, callee }) => JSON.stringify([caller, callee])));
  for (const { name, calls, uses } of baseline.services.values()) {
    const declared = [...calls.map(({ callee }) => callee.text), ...uses.keys()];
    expect(declared.filter((callee) => !pairs.has(JSON.stringify([name, callee])))).toEqual([]);
    expect(calls.filter(({ callee }) => callee.matches("never/seen") || callee.matches("unseen"))).toEqual([]);
  }
}

/** Externals lose their port, which has a test of its own. */
function withoutPort(name: string): string {
  return name.replace(/[[\]:]/gu, "");
}

function arrowOf({ caller, callee }: ObservedEdge): string {
  return `${quoted(caller)} -> ${quoted(callee)}`;
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}
