import { expect, test } from "vitest";
import { assemble, createAssembler, createDecoder, describeHops, permutations } from "../support/assemble.ts";
import { drawSpans, requestOf } from "../support/draw.ts";
import { encodeRequest } from "../support/otlp.ts";
import { baselineOf, runPipeline } from "../support/pipeline.ts";

// What simulated worlds found, reduced to a drawing each.

function checkRelays(drawing: string, expected: readonly string[]): void {
  for (const spans of permutations(drawSpans(drawing))) {
    const { relays } = assemble(spans).facts;
    expect(relays.map(({ service, next }) => `${service} -> ${next.name}`)).toEqual(expected);
  }
}

function checkPairs(drawing: string, expected: readonly string[]): void {
  for (const spans of permutations(drawSpans(drawing))) {
    const pairs = assemble(spans).facts.presentations.flatMap((presentation) => presentation.pairs);
    expect(pairs.map(({ presenter, recipient }) => `${presenter} to ${recipient.name}`).sort()).toEqual(expected);
  }
}

/** The relays and pairs of spans that come one by one, so many seconds after the start, and leave the window in the end. */
function observeLate(drawing: string, seconds: readonly number[]): { relays: string[]; pairs: string[] } {
  const decoder = createDecoder();
  const assembler = createAssembler();
  for (const [index, span] of drawSpans(drawing).entries()) {
    assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf([span]))), (seconds[index] ?? 0) * 1000);
  }
  for (let nowMs = 30_000; nowMs <= 120_000; nowMs += 1_000) assembler.advance(nowMs);
  const { relays, presentations } = assembler.takeFacts();
  const pairs = presentations.flatMap((presentation) => presentation.pairs);
  return {
    relays: relays.map(({ service, next, count }) => `${service} -> ${next.name} ${count}`),
    pairs: pairs.map(({ presenter, recipient, isRelayed }) => `${presenter ?? "-"} to ${recipient.name} ${isRelayed}`),
  };
}

test.each([
  ["its receipt comes after settle", "b C#3<2 {fp=t}; c S#4<3 {fp=t}; b I#2<1; b S#1<9 {fp=t}", [0, 0, 5, 25]],
  ["its caller comes after settle", "b C#3<2 {fp=t}; c S#4<3 {fp=t}; b S#2<1; a C#1<9 {fp=t}", [0, 0, 5, 25]],
  ["the hop comes after settle", "c S#4<3 {fp=t}; b S#2<1 {fp=t}; b C#3<2 {fp=t}", [0, 20, 25]],
  ["the receipt leaves before its sender settles", "b S#2<1 {fp=t}; b C#3<2 {fp=t}; c S#4<3 {fp=t}", [0, 20, 45]],
  ["the receipt has left before the hop is known", "b S#1<9 {fp=t}; b I#2<1; b C#3<2 {fp=t}; c S#4<3", [0, 5, 20, 45]],
])("a relay is seen where %s", (_case, drawing, seconds) => {
  const { relays, pairs } = observeLate(drawing, seconds);
  expect(relays).toEqual(["b -> c 1"]);
  expect(pairs).not.toContain("b to c false");
});

test("the guess for a call is taken back when its callee comes after settle", () => {
  const decoder = createDecoder();
  const assembler = createAssembler();
  for (const [index, span] of drawSpans("a C#1<9 {server.address=api.example}; b S#2<1").entries()) {
    assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf([span]))), index * 20_000);
  }
  expect(describeHops(assembler.takeFacts())).toEqual(["a -> b paired"]);
  expect(assembler.figures()).toMatchObject({ late: 1, retracted: 1 });
});

test("nothing is said of a call to a bare address that is answered late", () => {
  const { relays, pairs } = observeLate(
    "b S#2 {fp=t}; b C#3<2 {fp=t, server.address=10.0.0.5}; c S#4<3 {fp=t}",
    [0, 1, 25],
  );
  expect(relays).toEqual(["b -> c 1"]);
  expect(pairs).toEqual(["- to b false", "b to c true"]);
});

test("a token that was received after settle, from nobody seen so far, is relayed once", () => {
  const spans = "b S#2<1; b C#3<2 {fp=t, server.address=api.example}; a C#1<9 {fp=t}";
  expect(observeLate(spans, [0, 1, 20]).relays).toEqual(["b -> api.example 1"]);
});

test("a token whose caller comes after settle was received from that caller and from nobody else", () => {
  const { pairs } = observeLate("b S#2<1 {fp=t}; c S#4<3 {fp=t}; b C#3<2; a C#1<9", [0, 1, 20, 21]);
  expect(pairs).toEqual(["b to c true", "a to b false"]);
});

test("an INTERNAL entry that still waits when its caller leaves the window is a hop", () => {
  const decoder = createDecoder();
  const assembler = createAssembler();
  for (const [index, span] of drawSpans("a C#1<9; b I#2<1").entries()) {
    assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf([span]))), index * 20_000);
  }
  for (const nowMs of [31_000, 36_000, 60_000]) assembler.advance(nowMs);
  expect(describeHops(assembler.takeFacts())).toEqual(["a -> b parent"]);
});

test("a token presented behind an INTERNAL entry was presented by the caller, not by that entry", () => {
  checkPairs("a C#1<9 {fp=t}; b I#2<1; b S#3<2 {fp=t}; a C#4<9 {fp=t}; c S#5<4 {fp=t}", ["a to b", "a to c"]);
});

test("a token that only the caller saw go in behind an INTERNAL entry is relayed when it goes out", () => {
  checkRelays("a C#1<9 {fp=t}; b I#2<1; b S#3<2; b C#4<3 {fp=t}; c S#5<4 {fp=t}", ["b -> c"]);
});

test("a caller's token that its callee received is not what the callee's own call back sent", () => {
  checkRelays("a C#1 {fp=t}; b S#2<1 {fp=t}; a S#3<2; a C#4<3 {fp=t}; c S#5<4 {fp=t}", []);
});

test("who made a token is no stranger to it because a relayer's callee has a slow clock", async () => {
  const token = "fp=t, trustdrift.credential.authorization.format=jwt, aud=b";
  const spans = drawSpans(
    `a C#1 {${token}} +1; b S#2<1 {${token}} +1; b C#3<2 {${token}} +1; c S#4<3 {${token}} +0.95`,
  );
  const baseline = baselineOf(`
services:
  a: { calls: { b: {} } }
  b: { calls: { c: { token: { mode: passthrough, reason: "c acts for the user" } } } }
  c: {}
`);
  const { alerts } = await runPipeline([{ spans }], baseline);
  expect(alerts.map(({ finding }) => finding.summary)).toEqual([]);
});

test("who made a token did not receive it because it came back, by a slow clock before it went out", async () => {
  const token = "fp=t, trustdrift.credential.authorization.format=jwt, aud=b";
  const spans = drawSpans(
    `a C#1 {${token}} +1; b S#2<1 {${token}} +1.1; b C#3<2 {${token}} +1.1; a S#4<3 {${token}} +1.05`,
  );
  const baseline = baselineOf(`
services:
  a: { calls: { b: {} } }
  b: { calls: { a: { token: { mode: passthrough, reason: "a wants it back" } } } }
`);
  const { alerts } = await runPipeline([{ spans }], baseline);
  expect(alerts.map(({ finding }) => finding.summary)).toEqual([]);
});

test("a service that answers beside an address's own does not take its place", async () => {
  const baseline = baselineOf("services: { web: { calls: { orders: {}, stock: {} } }, orders: {}, stock: {} }");
  const address = "{server.address=orders, server.port=8080}";
  const alertsOn = async (redirected: string): Promise<string[]> => {
    const spans = drawSpans(`web C#1<9 ${address}; orders S#2<1; web C#3<8 ${address}; ${redirected}`);
    const { alerts } = await runPipeline([{ spans }], baseline);
    return alerts.map(({ finding }) => finding.rule);
  };
  expect(await alertsOn("orders S#4<3; stock S#5<3")).toEqual([]);
  expect(await alertsOn("stock S#5<3")).toEqual(["endpoint-identity-drift"]);
});

test("a message whose producer is lost was not brought along by callers from outside", async () => {
  const baseline = baselineOf("services: { web: { ingress: [{ from: internet }] } }");
  const alertsOn = async (drawing: string): Promise<string[]> => {
    const later = { spans: drawSpans("web I#1@5"), afterMs: 25 * 3_600_000 };
    const { alerts } = await runPipeline([{ spans: drawSpans(drawing) }, later], baseline);
    return alerts.map(({ finding }) => finding.rule);
  };
  expect(await alertsOn("web K#1<9 {messaging.system=kafka, messaging.destination.name=placed}")).toEqual([]);
  expect(await alertsOn("web S#1<9")).toEqual(["untrusted-trace-parent"]);
});

test("an earlier first use of a pair that is known is told, for it may show that the token was received before", () => {
  const [assembler, decoder] = [createAssembler(), createDecoder()];
  const add = (drawing: string): void =>
    assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(drawSpans(drawing)))), 0);
  add("orders C#1 {fp=t} +5; stock S#2<1 +5; web C#3@2 {fp=t} +6; orders S#4<3@2 +6");
  assembler.takeFacts();
  add("web C#5@3 {fp=t} +3; orders S#6<5@3 +3");
  const [told] = assembler.takeFacts().presentations;
  const received = told?.pairs.find(({ recipient }) => recipient.name === "orders");
  expect((received?.firstMs ?? 0) % 100_000).toBe(3_000);
});
