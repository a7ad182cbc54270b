import { expect, test } from "vitest";
import { assemble, checkHops, checkHopsInAnyOrder, createFeed, describeHops } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";

// Messages, links and functions. Numbers as in docs/conformance.md.

const Q = "messaging.system=kafka, messaging.destination.name=Q";

test("42: a trace that starts anew at the callee is joined by its link", () => {
  checkHopsInAnyOrder("a C#1<9 {peer=b}; b S#9@2 ~1@1", ["a -> b link"]);
});

test("75: a consumer in a trace of its own is joined by its link, whichever comes first", () => {
  checkHopsInAnyOrder(`a P#1@1 {${Q}}; b K#2@2 ~1@1 {${Q}}`, [
    "a -> mq:kafka/Q peer",
    "mq:kafka/Q -> b peer",
    "a => b via mq:kafka/Q link",
  ]);
});

test("77: parent and link to one producer count once, for each of two consumers", () => {
  checkHopsInAnyOrder(`a P#1 {${Q}}; b K#2<1 ~1 {${Q}}; c K#3<1 ~1 {${Q}}`, [
    "a -> mq:kafka/Q peer",
    "mq:kafka/Q -> b peer",
    "mq:kafka/Q -> c peer",
    "a => b via mq:kafka/Q paired",
    "a => c via mq:kafka/Q paired",
  ]);
});

test("78: messages with create spans of their own count, and the send that carries them does not", () => {
  const send = "messaging.operation.type=send";
  const receive = "messaging.operation.type=receive";
  checkHopsInAnyOrder(
    `a P#1 {${Q}, messaging.operation.type=create}; a P#2 {${Q}, messaging.operation.type=create}; a C#3 ~1 {${Q}, ${send}}; b C#4@2 ~1@1 {${Q}, ${receive}}; c C#5@3 ~2@1 {${Q}, ${receive}}`,
    [
      "a -> mq:kafka/Q peer n=2",
      "mq:kafka/Q -> b peer",
      "mq:kafka/Q -> c peer",
      "a => b via mq:kafka/Q link",
      "a => c via mq:kafka/Q link",
    ],
  );
});

test("79: a pulling client receives", () => {
  checkHops(`b C#1 {${Q}, messaging.operation.type=receive}`, ["mq:kafka/Q -> b peer"]);
});

test("79, a pull that names no destination is still a message and no call", () => {
  checkHopsInAnyOrder(`a P#1 {${Q}}; b C#2<1 {messaging.system=kafka, messaging.operation.type=receive}`, [
    "a -> mq:kafka/Q peer",
    "a => b via mq:kafka/Q parent",
  ]);
});

test("80: settling a message is no call", () => {
  checkHops(`b C#1 {${Q}, messaging.operation.type=settle}`, []);
});

test("82: a consumer without a producer is called by its destination and not from outside", () => {
  checkHops(`b K#1 {${Q}}`, ["mq:kafka/Q -> b peer"]);
});

test("83: a consumer an hour later is still joined to its producer; one two hours later is not, and is counted", () => {
  const { assembler, add } = createFeed();
  const minutes = (n: number): number => n * 60_000;
  add(`a P#1@1 {${Q}}`, 0);
  add(`b K#2@2 ~1@1 {${Q}}`, minutes(59));
  add(`c K#3@3 ~1@1 {${Q}}`, minutes(130));
  assembler.settleAll();
  expect(describeHops(assembler.takeFacts())).toEqual([
    "a -> mq:kafka/Q peer",
    "a => b via mq:kafka/Q link",
    "mq:kafka/Q -> b peer",
    "mq:kafka/Q -> c peer",
  ]);
  expect(assembler.figures().unresolvedLinks).toBe(1);
});

test("83, a link to nowhere is counted until its target comes", () => {
  const { assembler } = assemble(drawSpans(`b K#2@2 ~1@1 {${Q}}`));
  expect(assembler.figures().unresolvedLinks).toBe(1);
});

test("85: a thousand temporary destinations are one", () => {
  const spans = Array.from(
    { length: 1000 },
    (_, i) =>
      `a P#1@${i + 1} {messaging.system=jms, messaging.destination.name=tmp-${i}, messaging.destination.temporary=true}`,
  );
  checkHops(spans.join(";"), ["a -> mq:jms/(temporary) peer n=1000"]);
});

test("86: a service that retries through its own queue calls itself", () => {
  checkHopsInAnyOrder(`b P#1<9 {${Q}}; b K#2<1 {${Q}}`, [
    "b -> mq:kafka/Q peer",
    "mq:kafka/Q -> b peer",
    "b => b via mq:kafka/Q paired",
  ]);
});

test("a batch consumer is joined to each producer it links to, once", () => {
  const [consumer] = drawSpans(`c K#9@9 {${Q}}`);
  if (consumer === undefined) throw new Error("the drawing has a span");
  const producers = drawSpans(`a P#1@1 {${Q}}; b P#2@2 {${Q}}`);
  const links = [...producers, ...producers].map(({ span: { traceId, spanId } }) => ({ traceId, spanId }));
  const { facts } = assemble([...producers, { ...consumer, span: { ...consumer.span, links } }]);
  expect(describeHops(facts).filter((hop) => hop.includes("=>"))).toEqual([
    "a => c via mq:kafka/Q link",
    "b => c via mq:kafka/Q link",
  ]);
});

test("29: a server span that shares its client's id is called by it", () => {
  const db = "db.system=postgresql, server.address=pg";
  const hops = ["external -> web root", "web -> app paired", "app -> db:postgresql/pg peer"];
  checkHopsInAnyOrder(`web S#a; web C#b<a; app S#b<a; app C#c<b {${db}}`, hops);
  checkHopsInAnyOrder(`web S#a; web C#b<a; app S#b; app C#c<b {${db}}`, hops);
  checkHopsInAnyOrder(`web S#a; app S#b<a; app C#c<b {${db}}`, [
    "external -> web root",
    "web -> app parent",
    "app -> db:postgresql/pg peer",
  ]);
});

test("30: children of servers that share one id belong to the one of their service", () => {
  checkHopsInAnyOrder("a C#1<9; b S#1<9; b C#2<1 {peer=x}; c S#1<9; c C#3<1 {peer=y}", [
    "a -> b paired",
    "a -> c paired",
    "b -> x peer",
    "c -> y peer",
  ]);
});

test("30, a child of a service that is none of those that share the id is called by the one that calls", () => {
  checkHopsInAnyOrder("a C#1<9; b S#1<9; c S#2<1", ["a -> b paired", "a -> c paired"]);
  checkHopsInAnyOrder("a C#1<9; b S#1<9; c S#1<9; d S#2<1; b C#3<1 {peer=x}", [
    "a -> b paired",
    "a -> c paired",
    "a -> d paired",
    "b -> x peer",
  ]);
});

test("41: a client that comes after settle, but within the window, still pairs", () => {
  const { assembler, add } = createFeed();
  add("b S#2<1", 0);
  assembler.advance(19_000);
  expect(assembler.figures().unseenCallers).toBe(1);
  add("a C#1<9", 20_000);
  assembler.settleAll();
  expect(describeHops(assembler.takeFacts())).toEqual(["a -> b paired"]);
  expect(assembler.figures().unseenCallers).toBe(0);
});

test("57: a cloud API call goes to the resource", () => {
  checkHops("a C#1 {rpc.system=aws-api, rpc.service=S3, aws.s3.bucket=x, server.address=s3.eu.amazonaws.com}", [
    "a -> aws:S3/x peer",
  ]);
});

test("89: a function called by name is the function that answers", () => {
  checkHopsInAnyOrder("a C#1<9 {faas.invoked_name=f}; f S#2<1 {faas.name=f}", ["a -> f paired"]);
  checkHops("a C#1 {faas.invoked_name=f}", ["a -> f peer"]);
});

test("90: a function that a message triggers is called by its destination", () => {
  checkHops(`f K#2<1 {faas.trigger=pubsub, ${Q}}`, ["mq:kafka/Q -> f peer"]);
});

test("91: a function that a timer triggers is called by the scheduler", () => {
  checkHops("f S#1 {faas.trigger=timer}", ["scheduler -> f peer"]);
  checkHops("f S#1 {faas.trigger=http}", ["external -> f root"]);
});

test("92: an agent that calls a tool server calls a service", () => {
  checkHopsInAnyOrder("agent C#1<9 {gen_ai.tool.name=search}; mcp-server S#2<1", ["agent -> mcp-server paired"]);
});

test("93: one name in two namespaces is two services, in two environments one service and two edges", () => {
  checkHops("a C#1<9; cart S#2<1 [service.namespace=shop]; a C#3<9; cart S#4<3 [service.namespace=bank]", [
    "a -> bank/cart paired",
    "a -> shop/cart paired",
  ]);
  const { facts } = assemble(drawSpans("a C#1<9; b S#2<1 [deployment.environment=prod]; a C#3<9; b S#4<3"));
  expect(facts.newShapes.map(({ shape }) => shape.environment).sort()).toEqual(["default", "prod"]);
});

test("95: many small traces lose nothing", () => {
  const traces = Array.from(
    { length: 256 },
    (_, i) => `web-${i} C#1<9@${i + 1}; app-${i} S#2<1@${i + 1}; app-${i} C#3<2@${i + 1} {peer=db-${i}}`,
  );
  const { facts } = assemble(drawSpans(traces.join(";")));
  expect(describeHops(facts)).toHaveLength(512);
});
