import { expect, test } from "vitest";
import type { Facts } from "../../src/model/facts.ts";
import { assembleBatches, createAssembler, permutations } from "../support/assemble.ts";
import { type DrawnSpan, drawSpans } from "../support/draw.ts";
import { dressedBatch } from "../support/dress.ts";

// Situations 118 to 129 of docs/conformance.md: what should be used once.

const OK = "http.response.status_code=200";

function describe({ reuses }: Facts): string[] {
  return reuses
    .map(({ kind, presenter, recipient, apartMs, count }) => {
      return `${kind} ${presenter ?? "-"} to ${recipient.name} +${apartMs / 1000}${count === 1 ? "" : ` n=${count}`}`;
    })
    .sort();
}

/** In every order of arrival, a request a span. */
function checkInAnyOrder(drawing: string, expected: readonly string[]): void {
  for (const spans of permutations(drawSpans(drawing))) {
    expect(describe(assembleBatches(spans.map((span) => dressedBatch([span]))).facts)).toEqual(expected);
  }
}

const batchOf = (drawing: string) => dressedBatch(drawSpans(drawing));

test("118: one token id on two tokens is told of the later one, in any order of arrival", () => {
  const drawing = `a C#1<9; b S#2<1 {fp=t, token=j, ${OK}}; a C#1<9@2 +5; c S#2<1@2 {fp=u, token=j, ${OK}} +5`;
  checkInAnyOrder(drawing, ["token-id a to c +5"]);
});

test("119: a token may be presented as often as its owner likes", () => {
  checkInAnyOrder(`a C#1<9; b S#2<1 {fp=t, token=j}; a C#1<9@2; c S#2<1@2 {fp=t, token=j} +5`, []);
  checkInAnyOrder(`a C#1<9; b S#2<1 {fp=t, token=j}; a C#1<9@2; c S#2<1@2 {fp=u, token=k} +5`, []);
});

test("120: a proof on two hops is told of the later one, with its own facts", () => {
  const drawing = `a C#1<9; b S#2<1 {fp=t, proof=p}; thief C#1<9@2 +40; b S#2<1@2 {fp=t, proof=p, ${OK}} +40`;
  checkInAnyOrder(drawing, ["proof thief to b +40"]);
  const [told] = assembleBatches(drawSpans(drawing).map((span) => dressedBatch([span]))).facts.reuses;
  expect([told?.outcome, told?.evidence.callerSpanId, told?.evidence.atMs]).toEqual([
    "ok",
    "0000000000000001",
    Date.UTC(2026, 0, 1) + 40_000,
  ]);
});

test("121: what both ends of a hop saw is one use, also where they never met", () => {
  checkInAnyOrder("a C#1<9 {fp=t, proof=p, peer=b}; b S#2<1 {fp=t, proof=p}", []);
  const assembler = createAssembler();
  assembler.add(batchOf("a C#1<9 {fp=t, proof=p, peer=b}"), 0);
  assembler.add(batchOf("b S#2<1 {fp=t, proof=p}"), 40_000);
  assembler.settleAll();
  expect(describe(assembler.takeFacts())).toEqual([]);
});

test("122: retries within 30 s below one span are one use, later ones are not", () => {
  const again = (seconds: number, parent = 9) =>
    `a C#1<9; b S#2<1 {fp=t, proof=p}; a C#3<${parent} +${seconds}; b S#4<3 {fp=t, proof=p} +${seconds}`;
  checkInAnyOrder(again(29), []);
  checkInAnyOrder(again(31), ["proof a to b +31"]);
  checkInAnyOrder(again(5, 8), ["proof a to b +5"]);
});

test("123: a proxy passes on the proof that it was shown", () => {
  checkInAnyOrder(
    "a C#1<9; p S#2<1 {component=proxy, fp=t, proof=x}; p C#3<2 {component=proxy}; b S#4<3 {fp=t, proof=x}",
    [],
  );
  checkInAnyOrder("a C#1<9; p S#2<1 {fp=t, proof=x}; p C#3<2 +1; b S#4<3 {fp=t, proof=x} +1", ["proof p to b +1"]);
});

test("124: a transaction in two traces is told of the later one, with how much later", () => {
  checkInAnyOrder("a C#1<9; b S#2<1 {fp=t, transaction=x}; a C#1<9@2; c S#2<1@2 {fp=t, transaction=x} +1500", [
    "transaction a to c +1500",
  ]);
});

test("125: a transaction spreads within its trace as it likes", () => {
  checkInAnyOrder("a C#1<9; b S#2<1 {fp=t, transaction=x}; b C#3<2; c S#4<3 {fp=t, transaction=x} +5", []);
});

test("126: a transaction goes on in a trace that a link joins, whichever of its spans comes last", () => {
  checkInAnyOrder(
    "a C#1<9; b S#2<1 {fp=t, transaction=x}; b K#5@2 ~2@1; b C#1<5@2; c S#2<1@2 {fp=t, transaction=x} +60",
    [],
  );
});

test("126, the link may take as long as spans wait", () => {
  const assembler = createAssembler();
  assembler.add(batchOf("a C#1; b S#2<1 {fp=t, transaction=x}; b C#1@2; c S#2<1@2 {fp=t, transaction=x} +60"), 0);
  assembler.advance(29_000);
  expect(describe(assembler.takeFacts())).toEqual([]);
  assembler.add(batchOf("b K#5@2 ~2@1"), 29_000);
  assembler.add(batchOf("thief C#1@3; c S#2<1@3 {fp=t, transaction=x} +70"), 29_000);
  assembler.advance(90_000);
  expect(describe(assembler.takeFacts())).toEqual(["transaction thief to c +70"]);
});

test("127: links join traces one after the other", () => {
  const use = (trace: number, start: number) => `a C#1<9@${trace}; b S#2<1@${trace} {fp=t, transaction=x} +${start}`;
  checkInAnyOrder([use(1, 0), "k K#7@2 ~2@1", "k K#7@3 ~7@2", use(3, 60)].join(";"), []);
});

test("128: what is used again in one way is counted together, with the longest time", () => {
  const replay = (trace: number, start: number): DrawnSpan[] =>
    drawSpans(`thief C#1<9@${trace}; b S#2<1@${trace} {fp=t, proof=p} +${start}`);
  const first = drawSpans("a C#1<9; b S#2<1 {fp=t, proof=p}");
  const { facts } = assembleBatches([first, replay(2, 40), replay(3, 90)].map(dressedBatch));
  expect(describe(facts)).toEqual(["proof thief to b +90 n=2"]);
});

test("129: an earlier run's uses are known, and a replay tells nothing again", () => {
  const uses = ["a C#1<9; b S#2<1 {fp=t, proof=p, transaction=x, token=j}", "k K#7@2 ~2@1"].map(batchOf);
  const before = createAssembler();
  for (const batch of uses) before.add(batch, 0);
  before.advance(60_000);
  before.takeFacts();
  const after = createAssembler();
  after.memory.restoreUses(before.memory.take().uses);
  after.memory.beginReplay();
  after.add(batchOf("b S#2<1 {fp=t, proof=p, transaction=x, token=j}"), 70_000);
  after.memory.endReplay();
  after.add(batchOf("k C#1@2; c S#2<1@2 {fp=t, transaction=x} +60"), 80_000);
  after.add(batchOf("thief C#1@3; b S#2<1@3 {fp=u, proof=p, token=j, transaction=x} +70"), 80_000);
  after.advance(200_000);
  expect(describe(after.takeFacts())).toEqual([
    "proof thief to b +70",
    "token-id thief to b +70",
    "transaction thief to b +70",
  ]);
});
