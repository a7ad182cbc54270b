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
