import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeGraphs, readEdges } from "../src/model/observed-graph.ts";
import type { ObservedEdge } from "../src/model/store.ts";
import { drawSpans } from "./support/draw.ts";
import { runPipeline } from "./support/pipeline.ts";

// Situation 97 of docs/conformance.md: collectors that each get all spans of some of the traces.

const SHARDS = 3;
const service = fc.constantFrom("a", "b", "c");
const address = fc.constantFrom("", "server.address=orders, server.port=8080", "server.address=stock", "peer=b");
const operation = fc.constantFrom("", "http.request.method=GET, http.route=/one", "rpc.system=grpc, rpc.service=R");
const token = fc.constantFrom("", "fp=one, aud=b-api", "fp=two, aud=c-api|a-api");
const status = fc.constantFrom("", " !");

/** A trace of two calls at most, one below the other; the second half of any of them may be missing. */
const trace = fc
  .record({
    callers: fc.array(service, { minLength: 1, maxLength: 2 }),
    callees: fc.array(service, { maxLength: 2 }),
    attributes: fc.record({ address, operation, token }).map((parts) =>
      Object.values(parts)
        .filter((part) => part !== "")
        .join(", "),
    ),
    status,
  })
  .map(({ callers, callees, attributes, status: end }) => (id: number) => {
    const calls = callers.map(
      (name, i) => `${name} C#${i * 2 + 1}${i === 0 ? "" : `<${i * 2}`}@${id} {${attributes}}${end}`,
    );
    const answers = callees.slice(0, callers.length).map((name, i) => `${name} S#${i * 2 + 2}<${i * 2 + 1}@${id}`);
    return [...calls, ...answers].join(";");
  });

const graphOf = async (drawings: readonly string[]) =>
  (await runPipeline([{ spans: drawSpans(drawings.join(";")) }])).graph;

test("97: the graphs of several collectors, merged, are the graph that one collector of all traces would have", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trace, { minLength: 1, maxLength: 12 }), async (traces) => {
      const drawings = traces.map((draw, index) => draw(index + 1));
      const shards = Array.from({ length: SHARDS }, (_, shard) => drawings.filter((__, i) => i % SHARDS === shard));
      const parts = await Promise.all(shards.map(graphOf));
      const { edges } = await runPipeline([{ spans: drawSpans(drawings.join(";")) }]);
      expect(readEdges(mergeGraphs(parts))).toEqual(edges);
      expect(readEdges(mergeGraphs(parts.toReversed()))).toEqual(edges);
    }),
    { numRuns: 50 },
  );
});

test("97: merging adds up counts and operations, and keeps the widest times and the best confidence", () => {
  const one: ObservedEdge = {
    environment: "prod",
    caller: "a",
    callerKind: "service",
    callee: "b",
    calleeKind: "service",
    type: "direct",
    via: null,
    operations: ["GET /one"],
    audiences: ["b"],
    confidence: "peer",
    count: 2,
    estimated: 8,
    counts: { paired: 0, parent: 0, link: 0, alias: 0, peer: 2, root: 0 },
    firstSeen: "2026-01-01T00:00:00.000Z",
    lastSeen: "2026-01-02T00:00:00.000Z",
  };
  const other: ObservedEdge = {
    ...one,
    operations: ["GET /one", "DELETE /one"],
    audiences: ["a"],
    confidence: "paired",
    count: 3,
    estimated: 3,
    counts: { ...one.counts, paired: 3, peer: 0 },
    firstSeen: "2025-01-01T00:00:00.000Z",
    lastSeen: "2026-01-01T00:00:00.000Z",
  };
  const elsewhere = { ...one, environment: "test" };
  const merged = mergeGraphs([one, other, elsewhere].map((edge) => ({ edges: [edge], aliases: [] })));
  expect(readEdges(merged)).toEqual([
    {
      ...one,
      operations: ["DELETE /one", "GET /one"],
      audiences: ["a", "b"],
      confidence: "paired",
      count: 5,
      estimated: 11,
      counts: { ...one.counts, paired: 3, peer: 2 },
      firstSeen: other.firstSeen,
      lastSeen: one.lastSeen,
    },
    elsewhere,
  ]);
});

test("97: what one collector learned of an address holds for what another saw", async () => {
  const orders = "{server.address=orders, server.port=8080}";
  const parts = [await graphOf([`a C#1<9 ${orders}`]), await graphOf([`b C#1<9@2 ${orders}; orders-svc S#2<1@2`])];
  const edges = readEdges(mergeGraphs(parts));
  expect(edges.map(({ caller, callee }) => `${caller} -> ${callee}`)).toEqual(["a -> orders-svc", "b -> orders-svc"]);
});
