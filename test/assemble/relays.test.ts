import { expect, test } from "vitest";
import type { Facts } from "../../src/model/facts.ts";
import { assemble, createFeed, permutations } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";

function describeRelays({ relays }: Facts): string[] {
  return relays
    .map(({ service, next, count }) => `${service} -> ${next.name}${count === 1 ? "" : ` n=${count}`}`)
    .sort();
}

function describePairs({ presentations }: Facts): string[] {
  const pairs = presentations.flatMap((presentation) => presentation.pairs);
  return pairs.map(
    ({ presenter, recipient, isRelayed }) => `${presenter ?? "-"} to ${recipient.name}${isRelayed ? " relayed" : ""}`,
  );
}

function checkRelays(drawing: string, relays: readonly string[], pairs: readonly string[]): void {
  for (const spans of permutations(drawSpans(drawing))) {
    const { facts } = assemble(spans);
    expect(describeRelays(facts)).toEqual(relays);
    expect(describePairs(facts).sort()).toEqual([...pairs].sort());
  }
}

test("a token that a service received and presents in the same trace is relayed, in any order of arrival", () => {
  checkRelays(
    "a C#1<9 {fp=t}; b S#2<1 {fp=t}; b C#3<2 {fp=t}; c S#4<3 {fp=t}",
    ["b -> c"],
    ["a to b", "b to c relayed"],
  );
});

test("a relay is seen across internal spans", () => {
  checkRelays(
    "a C#1<9 {fp=t}; b S#2<1 {fp=t}; b I#5<2; b C#3<5 {fp=t}; c S#4<3 {fp=t}",
    ["b -> c"],
    ["a to b", "b to c relayed"],
  );
});

test("one side's observation is enough, whichever it is", () => {
  checkRelays("a C#1<9; b S#2<1 {fp=t}; b C#3<2; c S#4<3 {fp=t}", ["b -> c"], ["a to b", "b to c relayed"]);
  checkRelays("a C#1<9 {fp=t}; b S#2<1; b C#3<2 {fp=t}; c S#4<3", ["b -> c"], ["a to b", "b to c relayed"]);
});

test("a relay to a callee that sends no spans is one to the peer", () => {
  checkRelays("b S#2 {fp=t}; b C#3<2 {fp=t, peer=c}", ["b -> c"], ["- to b", "b to c relayed"]);
});

test("below an INTERNAL span whose place a server span has taken, its own service is the presenter", () => {
  checkRelays(
    "a C#1<9 {fp=t}; b I#2<1; b S#3<2 {fp=t}; c S#4<2 {fp=t}; d S#5<2 {fp=t}",
    ["b -> c", "b -> d"],
    ["a to b", "b to c relayed", "b to d relayed"],
  );
});

test("another token on the way out is no relay", () => {
  checkRelays("a C#1<9 {fp=t}; b S#2<1 {fp=t}; b C#3<2 {fp=u}; c S#4<3 {fp=u}", [], []);
});

test("a service that presents its own token twice has two pairs and relays nothing", () => {
  checkRelays("b C#3<9 {fp=t}; c S#4<3 {fp=t}; b C#5<9 {fp=t}; d S#6<5 {fp=t}", [], ["b to c", "b to d"]);
});

test("replicas, retries and duplicates are one presentation", () => {
  checkRelays("b C#3<9 {fp=t}; c S#4<3 {fp=t}; b C#5<9 {fp=t}; c S#6<5 {fp=t}; c S#6<5 {fp=t}", [], []);
});

test("an expired token is part of the shape, so its first use after expiry is a new one", () => {
  const expiresAtS = Date.UTC(2026, 0, 1) / 1000;
  const call = (trace: number, startS: number): string =>
    `b C#1<9@${trace} {fp=t, aud=c, exp=${expiresAtS}} +${startS}; c S#2<1@${trace} {fp=t, aud=c, exp=${expiresAtS}} +${startS}`;
  const { facts } = assemble(drawSpans([call(1, 10), call(2, 59), call(3, 61)].join(";")));
  expect(facts.newShapes.map(({ shape }) => shape.isExpired)).toEqual([false, true]);
});

test("a callee whose clock runs ahead of its caller's is given that much", () => {
  const expiresAtS = Date.UTC(2026, 0, 1) / 1000;
  const token = `{fp=t, aud=c, exp=${expiresAtS}}`;
  const { facts } = assemble(drawSpans(`b C#1<9 ${token} +130; c S#2<1 ${token} +65`));
  expect(facts.newShapes.map(({ shape }) => shape.isExpired)).toEqual([false]);
});

test("what a client received is known of the server that shares its id, also when the span above both has left", () => {
  const { assembler, add } = createFeed();
  add("a S#1", 0);
  add("b S#2<1; a C#2<1 {fp=t}", 20_000);
  add("b C#3<2 {fp=t}; c S#4<3 {fp=t}", 31_000);
  assembler.settleAll();
  expect(describeRelays(assembler.takeFacts())).toEqual(["b -> c"]);
});
