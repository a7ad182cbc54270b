import { expect, test } from "vitest";
import { createJudgeContext, type JudgeContext } from "../../src/judge/judge-context.ts";
import { judgeTelemetry } from "../../src/judge/judge-telemetry.ts";
import { Verdicts } from "../../src/judge/verdicts.ts";
import type { AliasSighting } from "../../src/model/alias.ts";
import type { Facts, NewShape, TelemetrySighting } from "../../src/model/facts.ts";
import type { FindingHit } from "../../src/model/finding.ts";
import type { Shape } from "../../src/model/graph.ts";
import { EMPTY_COMMIT } from "../../src/model/store.ts";
import { contextOf, EVIDENCE, service, shapeOf, token, told, WITHOUT_BASELINE } from "./support.ts";

const DAY_MS = 86_400_000;
const SHOP = contextOf(`
services:
  web: { ingress: [{ from: internet }], calls: { orders: {} } }
  app: { ingress: [{ from: browser }] }
  orders: { aliases: [orders-canary], calls: { stock: {} }, ingress: [{ from: partner }] }
  stock: { criticality: critical }
  batch: {}
  edge: { traits: [proxy] }
  agent: { traits: [environment-neutral] }
  spread: { identity: { kubernetes: [blue/spread, green/spread] } }
`);

function sighting(kind: TelemetrySighting["kind"], fields: Partial<TelemetrySighting> = {}): TelemetrySighting {
  const detail = { "raw-credential": "http.url", "identity-conflict": "runtime", "untrusted-parent": "parent_span_id" };
  const own = kind === "sender" || kind === "name-conflict" ? null : detail[kind];
  return {
    kind,
    environment: "prod",
    service: "orders",
    detail: own ?? "k8s.namespace.name",
    count: 1,
    seenMs: 0,
    evidence: EVIDENCE,
    ...fields,
  };
}

function toldOf(
  kind: TelemetrySighting["kind"],
  fields: Partial<TelemetrySighting> = {},
  context: JudgeContext = SHOP,
): readonly string[] {
  return told(judgeTelemetry(sighting(kind, fields), context));
}

test("a raw credential says where it stood and what to do, and is one alert a place", () => {
  const [finding] = judgeTelemetry(sighting("raw-credential"), SHOP);
  expect(finding?.summary).toBe("orders sent a raw credential in http.url: rotate it, and stop sending it");
  expect(finding?.keyFields).toEqual(["orders", "http.url"]);
  expect(toldOf("raw-credential")).toEqual(["raw-credential-in-telemetry high"]);
});

test("what is odd about the telemetry of a service that nobody declares, or without a baseline, is no alert", () => {
  for (const kind of ["raw-credential", "identity-conflict", "name-conflict", "untrusted-parent"] as const) {
    expect(toldOf(kind, { service: "made-up" })).toEqual([]);
    expect(toldOf(kind, { service: "web" }, WITHOUT_BASELINE)).toEqual([]);
  }
});

test("one span from two senders of unlike runtimes is a conflict", () => {
  expect(toldOf("identity-conflict")).toEqual(["span-identity-conflict high"]);
});

test("one span with and without what a pipeline adds is no conflict, nor is one that a proxy reports as well", () => {
  expect(toldOf("identity-conflict", { detail: "environment" })).toEqual([]);
  expect(toldOf("identity-conflict", { detail: "release" })).toEqual([]);
  expect(toldOf("identity-conflict", { service: "edge" })).toEqual([]);
});

test("one name in two places at once is a suspicion", () => {
  expect(toldOf("name-conflict")).toEqual(["service-name-conflict medium suspicious"]);
  expect(toldOf("name-conflict", { detail: "cloud.account.id" })).toEqual(["service-name-conflict medium suspicious"]);
});

test("a service that is declared to run in several places, or whose proxy shares its name, is none", () => {
  expect(toldOf("name-conflict", { service: "spread" })).toEqual([]);
  expect(toldOf("name-conflict", { service: "agent" })).toEqual([]);
  expect(toldOf("name-conflict", { detail: "telemetry.sdk.language" })).toEqual([]);
});

test("several namespaces are no leave for several accounts", () => {
  expect(toldOf("name-conflict", { service: "spread", detail: "cloud.account.id" })).toHaveLength(1);
});

test("a service that only the outside calls, and that goes on with its traces, is told of", () => {
  expect(toldOf("untrusted-parent", { service: "web" })).toEqual(["untrusted-trace-parent info suspicious"]);
});

test("a lost parent is no stranger's where services call as well, where nothing enters, or where browsers trace", () => {
  for (const name of ["orders", "batch", "app"]) expect(toldOf("untrusted-parent", { service: name })).toEqual([]);
});

function answered(name: string, fields: Partial<AliasSighting> = {}): AliasSighting {
  const address = { environment: "prod", address: "orders:8080", service: name, count: 1 };
  return { ...address, firstSeenMs: 1, lastSeenMs: 2, ...fields };
}

function facts(fields: Partial<Facts>): Facts {
  return { ...EMPTY_COMMIT, ...fields };
}

/** The shop, without what other tests taught. */
function untaught(): JudgeContext {
  return createJudgeContext(SHOP.baseline);
}

function drifts(hits: readonly FindingHit[]): readonly string[] {
  return hits
    .filter(({ finding }) => finding.rule === "endpoint-identity-drift")
    .map(({ finding, count }) => `${finding.severity} ${finding.keyFields.join(" ")} ${count}`);
}

function driftOf(sightings: readonly AliasSighting[]): readonly string[] {
  const verdicts = new Verdicts(untaught());
  return sightings.flatMap((each) => drifts(verdicts.judge(facts({ aliases: [each] }))));
}

test("another service at the address of one that answered there is drift, whichever came first", () => {
  expect(driftOf([answered("orders"), answered("stock")])).toEqual(["high orders stock 1"]);
  expect(driftOf([answered("stock"), answered("orders")])).toEqual(["high orders stock 1"]);
  expect(driftOf([answered("orders"), answered("made-up")])).toEqual(["high orders made-up 1"]);
});

test("all answers at an address count, those from before they were drift among them", () => {
  const sightings = [answered("stock"), answered("stock"), answered("stock"), answered("orders"), answered("stock")];
  expect(driftOf(sightings)).toEqual(["high orders stock 3", "high orders stock 1"]);
});

test("an answer that was taken back is no drift, also when all is judged again", () => {
  const verdicts = new Verdicts(untaught());
  verdicts.judge(facts({ aliases: [answered("orders"), answered("stock")] }));
  expect(drifts(verdicts.judge(facts({ aliases: [answered("stock", { count: -1 })] })))).toEqual([
    "high orders stock -1",
  ]);
  expect(drifts(verdicts.rejudge(createJudgeContext(SHOP.baseline, verdicts.learned), 9))).toEqual([]);
});

test("an answer that was taken back and comes again is drift again", () => {
  const sightings = [answered("orders"), answered("stock"), answered("stock", { count: -1 }), answered("stock")];
  expect(driftOf(sightings)).toEqual(["high orders stock 1", "high orders stock -1", "high orders stock 1"]);
});

test("drift ends where the owner's own answer is taken back", () => {
  const hits = driftOf([answered("stock"), answered("orders"), answered("orders", { count: -1 })]);
  expect(hits).toEqual(["high orders stock 1", "high orders stock -1"]);
});

test("the example of who answered elsewhere is a hop to it", () => {
  const verdicts = new Verdicts(untaught());
  const found = { shape: shapeOf({ callee: service("stock") }), confidence: "paired", evidence: EVIDENCE } as const;
  const hits = verdicts.judge(facts({ newShapes: [found], aliases: [answered("orders"), answered("stock")] }));
  expect(hits.find(({ finding }) => finding.rule === "endpoint-identity-drift")?.evidence).toEqual(EVIDENCE);
});

test("a canary, a gateway's address, a proxy, another port, another environment and an undeclared name are no drift", () => {
  expect(driftOf([answered("orders"), answered("orders-canary")])).toEqual([]);
  expect(driftOf([answered("stock"), answered("batch")])).toEqual([]);
  expect(driftOf([answered("orders"), answered("edge")])).toEqual([]);
  expect(driftOf([answered("orders"), answered("stock", { address: "orders:9090" })])).toEqual([]);
  expect(driftOf([answered("orders"), answered("stock", { environment: "dev" })])).toEqual([]);
  const address = { address: "gw:80" };
  expect(driftOf([answered("orders", address), answered("stock", address)])).toEqual([]);
});

test("who answers is judged again under another baseline", () => {
  const verdicts = new Verdicts(untaught());
  verdicts.judge(facts({ aliases: [answered("orders"), answered("stock")] }));
  const { learned } = verdicts;
  expect(drifts(verdicts.rejudge(createJudgeContext(SHOP.baseline, learned), 9))).toEqual(["high orders stock 0"]);
  const { baseline } = contextOf("services: { orders: { aliases: [stock] } }");
  expect(drifts(verdicts.rejudge(createJudgeContext(baseline, learned), 9))).toEqual([]);
});

const CLIENT = token({ client: "nightly", subjectKind: "service" });
const MONTH_MS = 31 * DAY_MS;

/** Shapes to services, each first seen at a time, after what an earlier run knew. */
function grown(
  seen: readonly (readonly [callee: string, atMs: number])[],
  {
    known = ["orders"],
    sinceMs = 0,
    fields = {},
    isCounted = true,
  }: { known?: string[]; sinceMs?: number; fields?: Partial<Shape>; isCounted?: boolean } = {},
): readonly string[] {
  const newShape = (callee: string, atMs: number): NewShape => ({
    shape: shapeOf({ key: callee, caller: service("batch"), callee: service(callee), ...fields }),
    confidence: "paired",
    evidence: { ...EVIDENCE, atMs },
  });
  const verdicts = new Verdicts(untaught());
  verdicts.recall(known.map((callee) => ({ ...newShape(callee, 0), count: 1 })));
  verdicts.observedSince(sinceMs);
  return seen
    .flatMap(([callee, atMs]) => {
      const times = { firstSeenMs: atMs, lastSeenMs: atMs, evidence: EVIDENCE };
      const count = { shapeKey: callee, confidence: "paired", count: 1, estimated: 1, ...times } as const;
      return verdicts.judge(facts({ newShapes: [newShape(callee, atMs)], counts: isCounted ? [count] : [] }));
    })
    .filter(({ finding }) => finding.rule === "blast-radius-increase")
    .map(({ finding }) => `${finding.severity} ${finding.keyFields.join(" ")}: ${finding.summary}`);
}

test("two undeclared services within a day double the reach", () => {
  expect(
    grown([
      ["web", MONTH_MS],
      ["stock", MONTH_MS + 1],
    ]),
  ).toEqual(["medium service batch: batch reached 1 services, and 2 more within a day: stock, web"]);
});

test("what spans say of their own time makes no collector old", () => {
  const seen = [
    ["web", MONTH_MS],
    ["stock", MONTH_MS + 1],
  ] as const;
  expect(grown(seen, { isCounted: false })).toEqual([]);
});

test("the reach of an identity grows beside its presenter's", () => {
  const fields = { credential: CLIENT, credentialSeenBy: "callee" } as const;
  const found = grown(
    [
      ["web", MONTH_MS],
      ["stock", MONTH_MS],
    ],
    { fields },
  );
  expect(found.map((line) => line.split(":")[0])).toEqual(["medium service batch", "medium identity nightly"]);
});

test("one service, two in two days, a young collector, refused calls and a first reach are no growth", () => {
  const two = [
    ["web", MONTH_MS],
    ["stock", MONTH_MS + 1],
  ] as const;
  expect(grown([["web", MONTH_MS]])).toEqual([]);
  expect(
    grown([
      ["web", MONTH_MS],
      ["stock", MONTH_MS + DAY_MS],
    ]),
  ).toEqual([]);
  expect(grown(two, { sinceMs: 2 * DAY_MS })).toEqual([]);
  expect(grown(two, { fields: { outcome: "refused" } })).toEqual([]);
  expect(grown(two, { known: [] })).toEqual([]);
  expect(
    grown(two, {
      known: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u"],
    }),
  ).toEqual([]);
});

test("a reach that its owners declared is no growth", () => {
  const fields = { caller: service("orders") };
  expect(
    grown(
      [
        ["stock", MONTH_MS],
        ["web", MONTH_MS],
      ],
      { known: ["batch"], fields },
    ),
  ).toEqual([]);
});
