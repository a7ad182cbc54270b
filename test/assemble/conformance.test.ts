import { expect, test } from "vitest";
import { assemble, checkHops, checkHopsInAnyOrder, describeHops } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";

// Situations collected from the tests and issue trackers of the tools that draw service graphs today, each with the
// number it has in docs/conformance.md. A trace is drawn as in test/support/draw.ts.

const DB = "db.system=postgresql, server.address=pg";

test("1: a client span and the server span below it are one paired hop, in any order", () => {
  checkHopsInAnyOrder("a C#1<9; b S#2<1", ["a -> b paired"]);
});

test("2: a chain is one hop a crossing, in any order", () => {
  checkHopsInAnyOrder("web S#1; web C#2<1; app S#3<2; app C#4<3 {peer.service=db} !", [
    "external -> web root",
    "web -> app paired",
    "app -> db peer e=1",
  ]);
});

test("3: an error on the caller's side alone is the hop's", () => {
  checkHopsInAnyOrder("a C#1<9 !; b S#2<1", ["a -> b paired e=1"]);
});

test("4: an error seen from both sides is one error", () => {
  checkHopsInAnyOrder("a C#1<9 !; b S#2<1 !", ["a -> b paired e=1"]);
});

test("the callee's definite outcome beats the caller's, whichever of them is the worse", () => {
  const [ok, failed] = ["{http.response.status_code=200}", "{http.response.status_code=503}"];
  checkHopsInAnyOrder(`a C#1<9 ${failed}; b S#2<1 ${ok}`, ["a -> b paired"]);
  checkHopsInAnyOrder(`a C#1<9 ${ok}; b S#2<1 ${failed}`, ["a -> b paired e=1"]);
});

test("5: two server spans below one client span are two hops", () => {
  checkHopsInAnyOrder("a C#1<9; b S#2<1 !; b S#3<1", ["a -> b paired n=2 e=1"]);
});

test("6: two servers below one client span are a hop each", () => {
  checkHopsInAnyOrder("a C#1<9; b S#2<1; c S#3<1", ["a -> b paired", "a -> c paired"]);
});

test("7: the server's own name beats what the client calls it", () => {
  checkHopsInAnyOrder("a C#1<9 {peer.service=x}; b S#2<1", ["a -> b paired"]);
});

test("8: a peer named by a server span that has its client says nothing", () => {
  checkHopsInAnyOrder("a C#1<9; b S#2<1 {peer.service=x}", ["a -> b paired"]);
});

test("9: two unanswered calls to one peer are two hops", () => {
  checkHops("a S#1; a C#2<1 {peer=b}; a C#3<1 {peer=b}", ["external -> a root", "a -> b peer n=2"]);
});

test("10: the same call in two traces is two hops", () => {
  checkHops("a C#1<9; b S#2<1; a C#1<9@2; b S#2<1@2", ["a -> b paired n=2"]);
});

test("11: an event named error is no error", () => {
  const [client, server] = drawSpans("a C#1<9; b S#2<1");
  if (client === undefined || server === undefined) throw new Error("the drawing has two spans");
  const spans = [client, { ...server, span: { ...server.span, events: [{ name: "error", timeMs: 0 }] } }];
  expect(describeHops(assemble(spans).facts)).toEqual(["a -> b paired"]);
});

test("12: the trace id may be anything", () => {
  checkHops("web S#1@zz; web C#2<1@zz; app S#3<2@zz", ["external -> web root", "web -> app paired"]);
});

test("13: where one side has a 64-bit trace id, the low half decides", () => {
  checkHopsInAnyOrder("a C#1<9@h||l; b S#2<1@0||l", ["a -> b paired"]);
});

test("14: spans delivered twice count once", () => {
  checkHopsInAnyOrder("a C#1<9; b S#2<1; a C#1<9; b S#2<1", ["a -> b paired"]);
});

test("17: internal spans carry ancestry", () => {
  checkHopsInAnyOrder(`a S#1; a I#2<1; a C#3<2; b S#4<3; b I#5<4; b I#6<5; b C#7<6 {${DB}}`, [
    "external -> a root",
    "a -> b paired",
    "b -> db:postgresql/pg peer",
  ]);
});

test("18: a server span below an internal entry takes its place", () => {
  checkHopsInAnyOrder("a C#1<9; b I#2<1; b S#3<2", ["a -> b paired"]);
});

test("18, without the server span: the internal entry is the hop", () => {
  checkHopsInAnyOrder("a C#1<9; b I#2<1", ["a -> b parent"]);
});

test("19: a server span below another service's internal span is a parent hop", () => {
  checkHopsInAnyOrder("a I#1<9; b S#2<1", ["a -> b parent"]);
});

test("20: a server span below another service's server span is a parent hop", () => {
  checkHopsInAnyOrder("nginx S#1; b S#2<1", ["external -> nginx root", "nginx -> b parent"]);
});

test("22: a client span below another service's server span is a parent hop, and a call of its own", () => {
  checkHopsInAnyOrder("a S#1; b C#2<1", ["external -> a root", "a -> b parent"]);
  checkHopsInAnyOrder("a S#1; b C#2<1 {peer=c} !", ["external -> a root", "a -> b parent", "b -> c peer e=1"]);
});

test("23: a service that calls itself has an edge to itself", () => {
  checkHopsInAnyOrder("a C#1<9; a S#2<1", ["a -> a paired"]);
});

test("24: internal spans are no self-call", () => {
  checkHopsInAnyOrder("a S#1; a I#2<1; a I#3<2", ["external -> a root"]);
});

test("25: of nested client spans the deepest speaks", () => {
  checkHopsInAnyOrder("a C#1<9 {peer.service=orm}; a C#2<1 {server.address=h}", ["a -> h peer"]);
  checkHopsInAnyOrder("a C#1<9 {server.address=x}; a I#3<1; a C#2<3 {server.address=h}", ["a -> h peer"]);
});

test("25, a nested client span that names nobody silences nobody, unless it is answered", () => {
  checkHopsInAnyOrder("a C#1<9 {server.address=h}; a C#2<1", ["a -> h peer"]);
  checkHopsInAnyOrder("a C#1<9 {server.address=h}; a C#2<1; b S#3<2", ["a -> b paired"]);
  checkHopsInAnyOrder("a C#1<9 {peer=x}; a C#2<1; a C#3<2 {peer=y}", ["a -> y peer"]);
});

test("27: a server span below a producer span is a parent hop", () => {
  checkHopsInAnyOrder("p P#1<9; s S#2<1", ["p -> s parent"]);
});

test("31: a server span without a parent is entered from outside", () => {
  checkHops("b S#1", ["external -> b root"]);
});

test("32: a root that names its caller is called by it", () => {
  checkHops("b S#1 {peer.service=mobile}", ["mobile -> b peer"]);
});

test("33: a thousand client addresses are one edge", () => {
  const addresses = Array.from({ length: 1000 }, (_, i) => `1.2.${i >> 8}.${i & 255}`);
  const drawing = addresses.map((address, i) => `b S#1@${i + 1} {client.address=${address}}`).join(";");
  checkHops(drawing, ["external -> b root n=1000"]);
});

test("34: a server span whose parent never comes makes no edge and is counted", () => {
  const { facts, assembler } = assemble(drawSpans("b S#2<1"));
  expect(describeHops(facts)).toEqual([]);
  expect(assembler.figures()).toMatchObject({ unseenCallers: 1, unseenCallersTotal: 1 });
  expect(facts.newShapes.map(({ shape }) => shape.type)).toEqual(["unattributed"]);
});

test("35: siblings whose parent never comes did not call each other", () => {
  checkHops("b S#2<1; c S#3<1", []);
});

test("37: two roots in one trace did not call each other", () => {
  checkHops("a S#1; b S#2", ["external -> a root", "external -> b root"]);
});

test("38: without the root the other edges stay", () => {
  checkHopsInAnyOrder("web C#2<1; app S#3<2; app C#4<3 {peer.service=db} !", [
    "web -> app paired",
    "app -> db peer e=1",
  ]);
});

test("39: a client span that names nobody makes no edge and is counted", () => {
  const { facts, assembler } = assemble(drawSpans("a C#1"));
  expect(describeHops(facts)).toEqual([]);
  expect(assembler.figures().unresolvedOut).toBe(1);
});

test("45: spans without a kind that name a peer are calls", () => {
  checkHopsInAnyOrder("c U#1<9 {peer=web}; web U#2<1 {peer=app}; app U#3<2 {peer=db}", [
    "c -> web parent",
    "web -> app parent",
    "app -> db peer",
  ]);
});

test("45, an error in the middle is only that hop's", () => {
  checkHopsInAnyOrder("c U#1<9 {peer=web}; web U#2<1 {peer=app} !; app U#3<2 {peer=db}", [
    "c -> web parent",
    "web -> app parent e=1",
    "app -> db peer",
  ]);
});

test("46: spans without a kind or a peer are transparent", () => {
  checkHopsInAnyOrder("a C#1<9; b S#2<1; b U#3<2; b C#4<3; c S#5<4", ["a -> b paired", "b -> c paired"]);
});

test("47: a missing service name falls back to the workload's", () => {
  checkHops("unknown_service:java S#1 [k8s.deployment.name=checkout]", ["external -> checkout root"]);
  checkHops("- S#1 [k8s.deployment.name=checkout]", ["external -> checkout root"]);
  checkHops("unknown_service S#1 [process.executable.name=node]", ["external -> node root"]);
  const { facts, assembler } = assemble(drawSpans("- S#1"));
  expect(describeHops(facts)).toEqual(["external -> (unresolved) root"]);
  expect(assembler.figures().unresolvedServices).toBe(1);
});

test("48: a span that is its own parent ends nowhere and is counted", () => {
  const { facts, assembler } = assemble(drawSpans("a S#1<1"));
  expect(describeHops(facts)).toEqual([]);
  expect(assembler.figures().unseenCallers).toBe(1);
});

test("48: a cycle of two spans terminates", () => {
  checkHopsInAnyOrder("a C#1<2; b S#2<1", ["a -> b paired", "b -> a parent"]);
  checkHopsInAnyOrder("a I#1<2; a I#2<1; a C#3<1 {peer=x}", ["a -> x peer"]);
});

test("48: ten thousand children are ten thousand hops", () => {
  const children = Array.from({ length: 10_000 }, (_, i) => `b S#${(i + 100).toString(36)}<1`);
  checkHops(["a C#1<2", ...children].join(";"), ["a -> b paired n=10000"]);
  checkHops([...children, "a C#1<2"].join(";"), ["a -> b paired n=10000"]);
});
