import { expect, test } from "vitest";
import { assemble, checkHops, checkHopsInAnyOrder, createFeed, describeHops } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";

// What sampled spans stand for (`tracestate: ot=th:…`), beside what was counted. Numbers as in docs/conformance.md.

const Q = "messaging.system=kafka, messaging.destination.name=Q";

test("94: a hop whose spans were sampled one in two is one hop that stands for two", () => {
  checkHopsInAnyOrder("a C#1<9 th:8; b S#2<1 th:8", ["a -> b paired w=2"]);
});

test("94, hops of one shape add up, sampled or not", () => {
  checkHopsInAnyOrder("a C#1<9 th:8; b S#2<1 th:8; a C#3<9; b S#4<3; a C#5<9 th:c; b S#6<5 th:c", [
    "a -> b paired n=3 w=7",
  ]);
});

test("94, where the two sides differ the callee's entry decides", () => {
  checkHopsInAnyOrder("a C#1<9; b S#2<1 th:c", ["a -> b paired w=4"]);
  checkHopsInAnyOrder("a C#1<9 th:c; b S#2<1", ["a -> b paired"]);
});

test("94, a hop of which only one side was seen has that side's weight", () => {
  checkHops("a C#1<9 {peer=b} th:8", ["a -> b peer w=2"]);
  checkHops("b S#1 th:8", ["external -> b root w=2"]);
});

test("94, each side of a message has its own weight, and the logical hop the consumer's", () => {
  checkHopsInAnyOrder(`a P#1 {${Q}} th:8; b K#2@2 ~1@1 {${Q}} th:c`, [
    "a -> mq:kafka/Q peer w=2",
    "mq:kafka/Q -> b peer w=4",
    "a => b via mq:kafka/Q link w=4",
  ]);
});

test("94, an INTERNAL entry gives way to the server span below it, and its weight with it", () => {
  checkHopsInAnyOrder("a C#1<9; b I#2<1 th:8; b S#3<2 th:c", ["a -> b paired w=4"]);
});

test("94, a threshold of zero, or one that cannot be read, is a weight of one", () => {
  for (const digits of ["0", "xyz", "123456789abcdef"]) checkHops(`b S#1 th:${digits}`, ["external -> b root"]);
});

test("94, a guess that is taken back takes its own weight with it", () => {
  const { assembler, add } = createFeed();
  add("a C#1<9 {peer=b} th:8; c S#5<4 th:c", 0);
  assembler.advance(19_000);
  add("b S#2<1 th:e; a C#4<9 th:8", 20_000);
  assembler.settleAll();
  expect(describeHops(assembler.takeFacts())).toEqual(["a -> b paired w=8", "a -> c paired w=4"]);
});

test("94, a retraction and a hop of another weight in one step put the estimate right", () => {
  const { assembler, add } = createFeed();
  add("a C#1<9 {peer=b} th:8", 0);
  assembler.advance(16_000);
  assembler.takeFacts();
  add("b S#2<1; a C#3<9 {peer=b}", 17_000);
  assembler.settleAll();
  expect(assembler.takeFacts().counts).toMatchObject([
    { confidence: "peer", count: 0, estimated: -1 },
    { confidence: "paired", count: 1, estimated: 1 },
  ]);
});

test("94, ten thousand odd weights add up to the same in any order", () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `b S#1@${i + 1} th:${(i * 7919).toString(16)}`);
  const [one, other] = [lines, lines.toReversed()].map((each) =>
    describeHops(assemble(drawSpans(each.join(";"))).facts),
  );
  expect(one).toEqual(other);
  expect(one?.[0]).toMatch(/^external -> b root n=10000 w=\d+\.\d+$/u);
});
